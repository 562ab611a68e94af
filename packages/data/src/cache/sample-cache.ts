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
    if (this.#left <= 0) return reading
    this.#samples.set(id, reading)
    reading.then(
      (sample) => {
        this.#left -= sample.image.byteLength + sample.labels.byteLength + (sample.instances?.byteLength ?? 0)
      },
      // whoever asked hears of it; the next one who asks tries again
      () => this.#samples.delete(id),
    )
    return reading
  }
}
