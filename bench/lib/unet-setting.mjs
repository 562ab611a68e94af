// Which U-Net the benchmarks of training train: five levels, three classes. `torch_unet.py` has its twin.
export const network = { depth: 4, classes: 3 }

/** Of a batch of square images, and of the channels at full size. */
export const nameOf = ({ count, size, width }) => `${count}×${size}×${size}, base ${width}`
