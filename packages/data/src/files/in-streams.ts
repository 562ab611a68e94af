const STREAMS = 3

/**
 * Works through a list, a few items at a time. After an error no further item is begun, and it is thrown only when
 * those that were under way have ended: nothing goes on behind the caller's back.
 */
export async function inStreams<Item>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]()
  let failed = false
  const stream = async () => {
    for (let next = queue.next(); !failed && !next.done; next = queue.next()) {
      try {
        await work(next.value)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: STREAMS }, stream))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}
