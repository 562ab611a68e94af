/**
 * Small faults and the tests that must find them. `from` stands once in the file; a mutant that no test can find
 * because it means the same says so in `equivalent`.
 */

const suites = {
  adjoints: 'packages/core/test/adjoints.test.ts',
  coarseOps: 'packages/core/test/coarse-ops.test.ts',
  convolutions: 'packages/backend-ref/src/kernels/conv.test.ts',
  definitions: 'packages/backend-ref/test/definitions.test.ts',
  edges: 'packages/backend-ref/src/kernels/edges.test.ts',
  gradcheck: 'packages/testing/src/gradcheck.test.ts',
  gradients: 'packages/core/test/gradients.test.ts',
  layers: 'packages/models/test/layer-gradients.test.ts',
  losses: 'packages/losses/test/golden.test.ts',
  otherBackend: 'packages/testing/src/kernels/kernel-specs.test.ts',
  torch: 'packages/backend-ref/test/torch.test.ts',
}

const kernel = (name) => `packages/backend-ref/src/kernels/${name}.ts`
const shared = (name) => `packages/core/src/kernels/${name}.ts`
const op = (name) => `packages/core/src/ops/${name}.ts`
const gradient = (name) => `packages/core/src/gradients/${name}.ts`

/** Mutants of one file, found by the tests of one suite; `only` is a pattern of test names. */
const mutantsOf = (file, suite, only, changes) =>
  changes.map(([what, from, to, equivalent]) => ({
    file,
    what,
    from,
    to,
    test: suites[suite],
    only,
    equivalent,
  }))

export const mutants = [
  ...mutantsOf(shared('conv-geometry'), 'definitions', 'SegConv2D', [
    [
      'off by one in the output length',
      'dilation * (filter - 1) - 1) / stride',
      'dilation * (filter - 1)) / stride',
    ],
    ['dilation dropped from the output length', 'pad - dilation * (filter - 1)', 'pad - (filter - 1)'],
    ['right padding in place of the left', 'padLeft: left,', 'padLeft: right,'],
    ['axes of the stride swapped', 'strideHeight: strides[0],', 'strideHeight: strides[1],'],
    ['bottom padding left out', 'dilations[0], top + bottom)', 'dilations[0], top)'],
  ]),
  ...mutantsOf(kernel('conv-patches'), 'adjoints', 'convolution', [
    ['off by one in the padding', 'k * dilation - pad)', 'k * dilation - pad + 1)'],
    [
      'dilation missing in the gradient',
      '(k) => (first + pad - k * dilation) % stride',
      '(k) => (first + pad - k) % stride',
    ],
    [
      'padding missing in the gradient',
      'taps.map((k) => (first + pad - k * dilation)',
      'taps.map((k) => (first - k * dilation)',
    ],
    [
      'floor in place of ceiling',
      'Math.ceil((size - first) / stride)',
      'Math.floor((size - first) / stride)',
    ],
    ['taps of the gradient in the wrong order', '(_, k) => filter - 1 - k).filter', '(_, k) => k).filter'],
    ['every group reads the first', '(group * g.inChannels) / g.groups,\n  channels', '0,\n  channels'],
  ]),
  ...mutantsOf(kernel('conv-patches'), 'convolutions', '', [
    [
      'every group writes the first',
      'columns.first) * g.inChannels + (group * g.inChannels) / g.groups',
      'columns.first) * g.inChannels',
    ],
  ]),
  ...mutantsOf(kernel('depthwise-conv'), 'convolutions', '', [
    [
      'channel multiplier ignored',
      'patches.start(n, i) + Math.floor(o / multiplier),\n          stepA: patches.step,\n          startB: o,',
      'patches.start(n, i) + (o % g.inChannels),\n          stepA: patches.step,\n          startB: o,',
    ],
    ['bias dropped', 'bias ? bias[o]! : 0', '0'],
  ]),
  ...mutantsOf(kernel('bias-grad'), 'coarseOps', 'SegConv2D', [
    [
      'the first pixel left out',
      'for (let at = 0; at < from.length',
      'for (let at = channels; at < from.length',
    ],
  ]),
  ...mutantsOf(kernel('batch-norm'), 'coarseOps', 'SegBatchNormTrain', [
    ['variance unbiased', 'variance[c]! /= count', 'variance[c]! /= count - 1'],
    [
      'ε outside the root',
      'Math.sqrt(statistics.variance[c]! + epsilon)',
      '(Math.sqrt(statistics.variance[c]!) + epsilon)',
    ],
    [
      'term of the variance dropped from dx',
      '(dOffset[c]! + normal * dScale[c]!) / count',
      'dOffset[c]! / count',
    ],
    [
      'term of the mean dropped from dx',
      '(dOffset[c]! + normal * dScale[c]!) / count',
      '(normal * dScale[c]!) / count',
    ],
    ['scale missing in dx', 'scale[c]! * rstd[c]! * centred', 'rstd[c]! * centred'],
    ['activation ignored in the sums', 'if (relu && normal', 'if (false && normal'],
    ['activation ignored in dx', 'const slope = relu &&', 'const slope = false &&'],
    [
      'offset missing in the mask of dx',
      'relu && normal * scale[c]! + offset[c]! <= 0 ? 0',
      'relu && normal * scale[c]! <= 0 ? 0',
    ],
  ]),
  ...mutantsOf(kernel('batch-norm'), 'gradients', 'FusedBatchNorm|batch norm', [
    [
      'sign of the offset',
      '* factors[at % factors.length]! + offsets',
      '* factors[at % factors.length]! * offsets',
    ],
  ]),
  ...mutantsOf(kernel('seg-max-pool'), 'definitions', 'SegMaxPool', [
    ['last of equals in place of the first', 'if (value > max ||', 'if (value >= max ||'],
  ]),
  ...mutantsOf(shared('pool-geometry'), 'definitions', 'SegMaxPool', [
    ['axes of the padding swapped', 'padTop: top,', 'padTop: left,'],
  ]),
  ...mutantsOf(kernel('seg-max-pool'), 'edges', '', [['NaN passed over', '|| Number.isNaN(value)', '']]),
  ...mutantsOf(kernel('seg-max-pool'), 'coarseOps', 'SegMaxPool', [
    ['overlapping windows overwrite', '(at % channels)]! += slopes', '(at % channels)]! = slopes'],
    [
      'all images write the first',
      'Math.floor(at / perImage) * height * width',
      '0 * (perImage + height + width)',
    ],
  ]),
  ...mutantsOf(kernel('pool'), 'gradients', 'AvgPool', [
    [
      'padding counted in the mean',
      'sums[c]! / count\n',
      'sums[c]! / (geometry.filterHeight * geometry.filterWidth)\n',
    ],
    ['share of the gradient dropped', 'slopes[output + c]! / count', 'slopes[output + c]!'],
  ]),
  ...mutantsOf(kernel('resize-axis'), 'torch', 'bilinear|nearest', [
    ['half a pixel forgotten on the way back', 'scale * (i + shift) - shift', 'scale * (i + shift)'],
    [
      'no clamping at the first pixel',
      'Math.max(0, scale * (i + shift) - shift)',
      'scale * (i + shift) - shift',
    ],
    ['corners as areas', '(input - 1) / (output - 1)', 'input / (output - 1)'],
    ['nearest rounded up', 'alignCorners ? Math.round : Math.floor', 'alignCorners ? Math.round : Math.ceil'],
  ]),
  ...mutantsOf(kernel('resize-bilinear'), 'definitions', 'ResizeBilinear', [
    ['axes of the weights swapped', 'weights[1] = (1 - down) * right', 'weights[1] = down * (1 - right)'],
  ]),
  ...mutantsOf(kernel('resize-bilinear'), 'adjoints', 'esiz', [
    [
      'a corner left out of the gradient',
      'for (let corner = 0; corner < 4',
      'for (let corner = 0; corner < 3',
    ],
  ]),
  ...mutantsOf(shared('strip-grid'), 'coarseOps', 'SegStripPool', [
    ['ceiling in place of floor', 'Math.floor(width / scale)', 'Math.ceil(width / scale)'],
  ]),
  ...mutantsOf(kernel('strip-pool'), 'coarseOps', 'SegStripPool', [
    ['means by the other side', '+= value / cell.width', '+= value / cell.height'],
    ['cells in columns', 'top: i * cellHeight', 'top: j * cellHeight'],
    [
      'column term dropped from the gradient',
      '/ cell.width + slopes[column + c]! / cell.height',
      '/ cell.width',
    ],
    [
      'factor 2 of the square dropped',
      'square ? 2 * from[at + c]! * slope',
      'square ? from[at + c]! * slope',
    ],
  ]),
  ...mutantsOf(kernel('folded-softmax'), 'coarseOps', 'SegSoftmax', [
    ['scale missing in the gradient', 'factor * this.#scale * (share', 'factor * (share'],
    ['sign in the gradient', 'share - Math.exp(logS) * total', 'share + Math.exp(logS) * total'],
    ['sum of slopes dropped', 'share - Math.exp(logS) * total', 'share'],
    [
      'maximum not subtracted',
      'sum += Math.exp(scaled[c]! - max)\n    this.#logSum = max + Math.log(sum)',
      'sum += Math.exp(scaled[c]!)\n    this.#logSum = Math.log(sum)',
    ],
    ['excluded classes take part', 'groups[c] === EXCLUDED ? Number.NEGATIVE_INFINITY : this', 'this'],
  ]),
  ...mutantsOf(kernel('softmax-cross-entropy'), 'coarseOps', 'SegSoftmaxCrossEntropy', [
    ['focal slope dropped', 'focus(logP, gamma) + focusSlope(logP, gamma) * logP', 'focus(logP, gamma)'],
    [
      'weight of the class, not of its group',
      'const w = weights ? weights[group]! : 1\n    let total',
      'const w = weights ? weights[labels[pixel]!]! : 1\n    let total',
    ],
    ['smoothing not divided by the classes', 'total -= (smoothing / classes)', 'total -= smoothing'],
    [
      'ignored labels counted',
      'label === ignoreLabel ? -1 : (groups[label] ?? -1)',
      'groups[label % groups.length] ?? -1',
    ],
    ['exponent of the focal slope', 'missing ** (gamma - 1)', 'missing ** gamma'],
  ]),
  ...mutantsOf(kernel('softmax-divergence'), 'coarseOps', 'SegSoftmaxDivergence', [
    ['entropy of the teacher dropped', 'q * (logQ - logP) : -q * logP', '-q * logP : -q * logP'],
    ['sign of the modulator’s slope', '-direction * gamma', 'direction * gamma'],
    [
      'temperature of the teacher dropped',
      'attrs.teacherScale / attrs.temperature,\n  )\n  const { info, values } = backend.allocate(student.shape.slice',
      'attrs.teacherScale,\n  )\n  const { info, values } = backend.allocate(student.shape.slice',
    ],
    ['detached modulator differentiated', 'attrs.detachModulator || slope === 0', 'slope === 0'],
  ]),
  ...mutantsOf(kernel('region-sums'), 'coarseOps', 'SegRegionSums', [
    ['mean slope dropped from the softmax', '(slopes[c]! - mean)', 'slopes[c]!'],
    ['square not differentiated', 'attrs.squared ? 2 * p[c]! : 1', 'attrs.squared ? p[c]! : 1'],
    [
      'images added up',
      'Math.floor(pixel / pixels) * classes\n    softmaxOfLine(logits, pixel * classes, 1, p)\n    for',
      '0 * pixels\n    softmaxOfLine(logits, pixel * classes, 1, p)\n    for',
    ],
  ]),
  ...mutantsOf(kernel('polyphase'), 'coarseOps', 'SegPolyphase', [
    ['parts transposed', '2 * i + (part >> 1)', '2 * i + (part & 1)'],
    ['square not differentiated', 'attrs.square ? 2 * from', 'attrs.square ? from'],
  ]),
  ...mutantsOf(kernel('overlap-loss'), 'coarseOps', 'SegOverlapLoss', [
    [
      'weights of errors swapped',
      'alpha * (predicted[at]! - overlap) + beta',
      'beta * (predicted[at]! - overlap) + alpha',
    ],
    ['a term of the quotient rule dropped', '((alpha + beta) * right + wrong)', '((alpha + beta) * right)'],
  ]),
  ...mutantsOf(kernel('adam'), 'coarseOps', 'SegAdam', [
    ['bias correction of the square dropped', 'Math.sqrt(square / correction2)', 'Math.sqrt(square)'],
    ['decay both ways', '(decoupled ? 0 : decay * p[i]!)', 'decay * p[i]!'],
    ['scale of the gradient dropped', 'g[i]! * scale +', 'g[i]! +'],
  ]),
  ...mutantsOf(kernel('sgd'), 'coarseOps', 'SegSgd', [
    ['Nesterov without momentum', 'slope + momentum * velocity', 'slope + velocity'],
    ['first update as any other', 'first ? slope : momentum', 'false ? slope : momentum'],
  ]),
  ...mutantsOf(kernel('lerp'), 'coarseOps', 'SegLerp', [
    ['scale dropped', 'scale * from[i]! - to[i]!', 'from[i]! - to[i]!'],
  ]),
  ...mutantsOf(kernel('confusion'), 'coarseOps', 'SegConfusion', [
    ['rows and columns swapped', 'label * classes + predicted[i]!', 'predicted[i]! * classes + label'],
  ]),
  ...mutantsOf(kernel('top-k'), 'otherBackend', 'faults', [
    ['last of equals first', 'left === right ? a - b', 'left === right ? b - a'],
  ]),
  ...mutantsOf(shared('pad'), 'otherBackend', 'faults', [
    ['mirror off by one', 'first: size - 2 + edge', 'first: size - 1 + edge'],
  ]),
  ...mutantsOf(kernel('cumulate'), 'otherBackend', 'faults', [
    ['running sum never exclusive', 'exclusive ? total : after', 'after'],
  ]),
  ...mutantsOf(gradient('convolution'), 'gradients', 'maps', [
    [
      'filter gradient with the arguments swapped',
      'filterGradient(upstream, dy, filter.shape',
      'filterGradient(dy, upstream, filter.shape',
    ],
  ]),
  ...mutantsOf(gradient('pooling'), 'gradients', 'knows nothing', [
    ['window before the map', 'Math.max(start, 0))', 'start)'],
  ]),
  ...mutantsOf(gradient('normalisation'), 'gradients', 'FusedBatchNorm|oftmax', [
    ['half of the variance’s slope', 'correlation(), -0.5)', 'correlation(), -1)'],
    ['softmax without the mean', 'tf.sub(weighted, tf.mul(tf.sum(weighted, dim, true), y))', 'weighted'],
  ]),
  ...mutantsOf(gradient('padding'), 'gradients', 'Pad', [
    ['edge counted twice', "mode === 'reflect' ? 1 : 0", "mode === 'reflect' ? 0 : 1"],
    ['offset by the other side', 'paddings.map(([before]) => before)', 'paddings.map(([, after]) => after)'],
  ]),
  ...mutantsOf(gradient('reductions'), 'gradients', 'reductions', [
    ['mean as a sum', 'spread(tf.div(dy, count), x.shape, axes)', 'spread(dy, x.shape, axes)'],
    ['running sum in the same direction', 'exclusive, !reverse', 'exclusive, reverse'],
    [
      'ties count double',
      'tf.div(tf.reshape(dy, kept), tf.sum(attains, axes, true))',
      'tf.reshape(dy, kept)',
    ],
  ]),
  ...mutantsOf(gradient('arithmetic'), 'gradients', 'arithmetic|Sub|RealDiv|Pow|SquaredDifference|Maximum', [
    [
      'sign of a difference',
      'b: () => tf.neg(unbroadcast(dy, b.shape)),',
      'b: () => unbroadcast(dy, b.shape),',
    ],
    [
      'one division of the quotient rule dropped',
      'tf.div(tf.div(tf.mul(dy, a), b), b)',
      'tf.div(tf.mul(dy, a), b)',
    ],
    ['difference of squares the wrong way', 'b: () => twice(b, a)', 'b: () => twice(a, b)'],
  ]),
  ...mutantsOf(gradient('activations'), 'gradients', 'Sigmoid|Tanh|Relu6|Prelu', [
    ['sigmoid', 'tf.mul(y, tf.sub(1, y))', 'tf.mul(y, tf.sub(2, y))'],
    ['tanh', 'tf.sub(1, tf.square(y))', 'tf.sub(1, y)'],
    ['ReLU6 never ends', 'tf.mul(tf.step(y), tf.step(tf.sub(6, y)))', 'tf.step(y)'],
  ]),
  ...mutantsOf(op('batch-norm'), 'coarseOps', 'SegBatchNormTrain', [
    ['composite: variance about 0', 'tf.mean(tf.square(centred), axes)', 'tf.mean(tf.square(x), axes)'],
    ['gradients in the wrong order', 'scale: of(1), offset: of(2)', 'scale: of(2), offset: of(1)'],
  ]),
  ...mutantsOf(op('conv2d'), 'coarseOps', 'SegConv2D', [
    ['composite: groups of the wrong filter', 'one(part, filters[g]!)', 'one(part, filters[0]!)'],
    [
      'composite: padding transposed',
      '[top, bottom],\n      [left, right],',
      '[left, right],\n      [top, bottom],',
    ],
    [
      'dy and x swapped in the filter gradient',
      "launch('SegConv2DGradFilter', { x, dy }",
      "launch('SegConv2DGradFilter', { x: dy, dy: x }",
    ],
  ]),
  ...mutantsOf(op('softmax-divergence'), 'coarseOps', 'SegSoftmaxDivergence', [
    [
      'composite: scale of the teacher twice',
      'teacherScale / temperature))',
      'teacherScale ** 2 / temperature))',
    ],
  ]),
  ...mutantsOf(op('softmax-cross-entropy'), 'coarseOps', 'SegSoftmaxCrossEntropy', [
    [
      'composite: smoothing on ignored pixels',
      'tf.mul(tf.mul(valid, everyClass), smoothing)',
      'tf.mul(everyClass, smoothing)',
    ],
  ]),
  ...mutantsOf(op('strip-pool'), 'coarseOps', 'SegStripPool', [
    ['composite: square forgotten', 'square ? tf.square(x) : x', 'x'],
  ]),
  ...mutantsOf('packages/testing/src/gradcheck.ts', 'gradcheck', '', [
    [
      'rounding of the loss, not of its terms',
      'tf.sum(tf.abs(tf.mul(y, weights)))',
      'tf.abs(tf.sum(tf.mul(y, weights)))',
    ],
    ['entries looked at once', 'const look of CLOSER_LOOKS', 'const look of [FIRST_LOOK]'],
    [
      'extrapolated with the wrong weights',
      '(4 * near.value - far.value) / 3',
      '(2 * near.value - far.value)',
    ],
    ['a tenth of the error', 'noise) / scale,', 'noise) / (10 * scale),'],
  ]),
]
