interface Entry<T> {
  readonly reading: Promise<T>
  /** 0 until it is there. */
  bytes: number
}

/** Keeps what was used last, up to a number of bytes; what is asked for twice at once is read once. */
export class RecentlyUsed<T extends { readonly byteLength: number }> {
  readonly #capacity: number
  readonly #entries = new Map<number, Entry<T>>()
  #bytes = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get(index: number, read: () => Promise<T>): Promise<T> {
    const known = this.#entries.get(index)
    if (known) {
      // a map keeps the order of insertion: what is put in again is the last used
      this.#entries.delete(index)
      this.#entries.set(index, known)
      return known.reading
    }
    const entry: Entry<T> = { reading: read(), bytes: 0 }
    this.#entries.set(index, entry)
    entry.reading.then(
      ({ byteLength }) => this.#admit(entry, index, byteLength),
      () => this.#entries.delete(index),
    )
    return entry.reading
  }

  #admit(entry: Entry<T>, index: number, bytes: number): void {
    if (this.#entries.get(index) !== entry) return
    entry.bytes = bytes
    this.#bytes += bytes
    for (const [oldest, { bytes: freed }] of this.#entries) {
      if (this.#bytes <= this.#capacity) return
      this.#entries.delete(oldest)
      this.#bytes -= freed
    }
  }
}
