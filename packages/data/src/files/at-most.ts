/** Gives a function that starts work while fewer than `count` pieces of it are under way; the others wait their turn. */
export function atMost(count: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = []
  let free = count
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      // the place goes to the next in line, who does not count as free in between
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}
