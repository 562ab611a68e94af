import type { BackendChoice } from '@limbeck/core'

/** Which backend runs, and why: one line. */
export function describeBackend({ name, because, passedOver }: BackendChoice): string {
  const reasons = passedOver.map((tried) => `${tried.name}: ${tried.reason}`)
  const why = because === 'auto' ? 'the first that works' : `asked for by ${because}`
  return `backend ${name} (${[why, ...reasons].join('; ')})`
}
