/** How other code names the weights of a network that we have too. */
export interface CheckpointFormat {
  readonly name: string
  readonly summary: string
  /** What the file holds: all of a network, or a classification network, of which the encoder is taken. */
  readonly holds: 'model' | 'encoder'
  /** Beginnings of names, theirs and ours; the first that fits is replaced. All other names are ours. */
  readonly renames: readonly (readonly [theirs: string, ours: string])[]
  /** Beginnings of names that nothing here corresponds to. */
  readonly ignores: readonly string[]
}

/** What wraps a network when it is saved, and so stands before every name. */
export const WRAPPERS = ['module.', '_orig_mod.', 'state_dict.', 'model_state.', 'model.', 'net.']

/** How names end that are ignored in any format: counters, which PyTorch reads only where there is no momentum. */
export const COUNTERS = '.num_batches_tracked'

/**
 * Every format that can be read and written. Names of U-Nets and of DeepLabv3 are ours already, by design.
 *
 * Not here, because the networks differ: segmentation-models-pytorch's `DeepLabV3Plus`, whose pyramid and decoder
 * are separable convolutions, and its `UnetPlusPlus`, whose nodes have other widths.
 */
export const checkpointFormats: readonly CheckpointFormat[] = [
  {
    name: 'limbeck',
    summary:
      'our own names, those of smp.Unet, torchvision’s deeplabv3_resnet* and VainF’s DeepLabV3Plus-Pytorch',
    holds: 'model',
    renames: [],
    ignores: ['aux_classifier.'],
  },
  {
    name: 'smp-deeplab-v3',
    summary: 'segmentation-models-pytorch’s DeepLabV3, for deeplab-v3 with headWidth 256',
    holds: 'model',
    renames: [
      ['encoder.', 'backbone.'],
      ['decoder.0.', 'classifier.0.'],
      ['decoder.1.', 'classifier.1.'],
      ['decoder.2.', 'classifier.2.'],
      ['segmentation_head.0.', 'classifier.4.'],
    ],
    ignores: [],
  },
  {
    name: 'torchvision-classifier',
    summary: 'torchvision’s resnet18 … resnet101 and mobilenet_v2, timm’s resnets, for the encoder',
    holds: 'encoder',
    renames: [],
    // MobileNetV2 widens once more before its classifier; `features` 0 … 17 are the encoder
    ignores: ['fc.', 'classifier.', 'features.18.'],
  },
  {
    name: 'cadene-xception',
    summary: 'the Xception of pretrained-models.pytorch, for the encoder',
    holds: 'encoder',
    renames: [],
    // VainF's encoder, and ours, ends with the last convolution
    ignores: ['fc.', 'last_linear.', 'bn4.'],
  },
]
