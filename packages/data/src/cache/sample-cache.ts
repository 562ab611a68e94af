import type { Sample } from '@limbeck/core'

/** Keeps decoded samples in memory up to a number of bytes; what does not fit is read again each time. */
export class SampleCache {
  readonly #samples = new Map<string, Promise<Sample>>()
  #left: number

  constructor(bytes: number) {
    this.#left = bytes
  }

  get(id: string, read: () => Promise<Sample>): Promise<Sample> {
    const known = this.#samples.get(id)
    if (known) return known
    const reading = read()
    this.#samples.set(id, reading)
    reading.then(
      (sample) => {
        const bytes = bytesOf(sample)
        if (bytes <= this.#left) this.#left -= bytes
        else this.#samples.delete(id)
      },
      // whoever asked hears of it; the next one who asks tries again
      () => this.#samples.delete(id),
    )
    return reading
  }
}

const bytesOf = ({ image, labels, instances }: Sample): number =>
  image.byteLength + labels.byteLength + (instances?.byteLength ?? 0)
