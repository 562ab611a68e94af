/** Lets at most `count` jobs run at a time; the others wait for their turn, first come, first served. */
export function slots(count: number): <T>(job: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let free = count
  const take = async () => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const give = () => {
    const next = waiting.shift()
    if (next) next()
    else free++
  }
  return async (job) => {
    await take()
    try {
      return await job()
    } finally {
      give()
    }
  }
}
