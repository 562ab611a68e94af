import type { UnitSample } from './transform.ts'

/**
 * Moves pixels: the new pixel (row, column) is the old one at `source(row, column)`, an index into the old image.
 * Image, labels and instances move together, so that they cannot get out of step.
 */
export function rearrange(
  sample: UnitSample,
  { width, height }: { readonly width: number; readonly height: number },
  source: (row: number, column: number) => number,
): UnitSample {
  const { channels } = sample
  const image = new Float32Array(height * width * channels)
  const labels = new Uint8Array(height * width)
  const instances = sample.instances && new Int32Array(height * width)
  for (let row = 0, to = 0; row < height; row++) {
    for (let column = 0; column < width; column++, to++) {
      const from = source(row, column)
      labels[to] = sample.labels[from]!
      if (instances) instances[to] = sample.instances![from]!
      for (let c = 0; c < channels; c++) image[to * channels + c] = sample.image[from * channels + c]!
    }
  }
  return { ...sample, width, height, image, labels, ...(instances && { instances }) }
}
