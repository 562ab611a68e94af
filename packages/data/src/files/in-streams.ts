const STREAMS = 4

/**
 * Works through a list, a few items at a time. After an error no further item is begun, and it is thrown only when
 * those that were under way have ended: nothing goes on behind the caller's back. Of several errors it is the first.
 */
export async function inStreams<Item>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = shared(items)
  let failure: { readonly error: unknown } | undefined
  const stream = async () => {
    try {
      // a loop that is left by an error closes the queue, and so ends the others too
      for (const item of queue) await work(item)
    } catch (error) {
      failure ??= { error }
    }
  }
  await Promise.all(Array.from({ length: STREAMS }, stream))
  if (failure) throw failure.error
}

function* shared<Item>(items: Iterable<Item>): Generator<Item> {
  yield* items
}
