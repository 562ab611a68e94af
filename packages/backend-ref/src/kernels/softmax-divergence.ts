import { type DivergenceAttrs, SMALLEST_BASE } from '@limbeck/core'
import { FoldedSoftmax } from './folded-softmax.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

/** Each teacher class on its own. */
const identity = (classes: number): number[] => Array.from({ length: classes }, (_, k) => k)

/** The modulator g(q − p)^gamma and its derivative by p. */
function modulate(
  difference: number,
  { modulator, gamma }: DivergenceAttrs,
): { factor: number; slope: number } {
  if (modulator === 'none' || gamma === 0) return { factor: 1, slope: 0 }
  const base =
    modulator === 'abs' ? Math.abs(difference) : modulator === 'relu' ? Math.max(difference, 0) : difference
  if (gamma < 1 && base < SMALLEST_BASE) return { factor: SMALLEST_BASE ** gamma, slope: 0 }
  // d base / d difference; at 0 neither |·| nor the positive part has a slope
  const direction =
    modulator === 'raw' ? 1 : modulator === 'abs' ? Math.sign(difference) : difference > 0 ? 1 : 0
  return { factor: base ** gamma, slope: direction === 0 ? 0 : -direction * gamma * base ** (gamma - 1) }
}

/** The unmodulated term of a teacher class: −q log p, or q (log q − log p); 0 where q is 0. */
function gap(logQ: number, logP: number, form: DivergenceAttrs['form']): number {
  const q = Math.exp(logQ)
  if (q === 0) return 0
  return form === 'kl' ? q * (logQ - logP) : -q * logP
}

const divergence: RefKernel<Inputs<'student' | 'teacher'>, DivergenceAttrs> = (
  { student, teacher },
  attrs,
  backend,
) => {
  const classes = teacher.shape.at(-1)!
  const p = new FoldedSoftmax(backend.values(student), attrs.groups, 1 / attrs.temperature)
  const q = new FoldedSoftmax(
    backend.values(teacher),
    identity(classes),
    attrs.teacherScale / attrs.temperature,
  )
  const { info, values } = backend.allocate(student.shape.slice(0, -1), 'float32')
  for (let pixel = 0; pixel < values.length; pixel++) {
    p.read(pixel)
    q.read(pixel)
    let sum = 0
    for (let k = 0; k < classes; k++) {
      const logP = p.logP(k)
      const logQ = q.logP(k)
      sum += modulate(Math.exp(logQ) - Math.exp(logP), attrs).factor * gap(logQ, logP, attrs.form)
    }
    values[pixel] = sum
  }
  return info
}

const divergenceGrad: RefKernel<Inputs<'dy' | 'student' | 'teacher'>, DivergenceAttrs> = (
  { dy, student, teacher },
  attrs,
  backend,
) => {
  const classes = teacher.shape.at(-1)!
  const p = new FoldedSoftmax(backend.values(student), attrs.groups, 1 / attrs.temperature)
  const q = new FoldedSoftmax(
    backend.values(teacher),
    identity(classes),
    attrs.teacherScale / attrs.temperature,
  )
  const slopes = backend.values(dy)
  const { info, values } = backend.allocate(student.shape, 'float32')
  for (let pixel = 0; pixel < slopes.length; pixel++) {
    p.read(pixel)
    q.read(pixel)
    for (let k = 0; k < classes; k++) {
      const logP = p.logP(k)
      const logQ = q.logP(k)
      const { factor, slope } = modulate(Math.exp(logQ) - Math.exp(logP), attrs)
      const through =
        attrs.detachModulator || slope === 0 ? 0 : slope * Math.exp(logP) * gap(logQ, logP, attrs.form)
      p.addSlope(k, through - factor * Math.exp(logQ))
    }
    p.writeGradient(values, slopes[pixel]!)
  }
  return info
}

export const softmaxDivergenceKernels = {
  SegSoftmaxDivergence: divergence,
  SegSoftmaxDivergenceGrad: divergenceGrad,
} satisfies KernelTable
