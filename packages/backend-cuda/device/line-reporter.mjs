/** A reporter of Node's test runner: a line of JSON for each test as it ends, so that nothing is lost when time is up. */
export default async function* lines(events) {
  const names = []
  for await (const { type, data } of events) {
    if (type === 'test:start') {
      names.length = data.nesting
      names.push(data.name)
    }
    if ((type !== 'test:pass' && type !== 'test:fail') || data.details.type === 'suite') continue
    const name = [...names.slice(0, data.nesting), data.name].join(' › ')
    const { error } = data.details
    const status = data.skip !== undefined ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed'
    yield `${JSON.stringify({ name, status, ...(error && { message: String(error.cause?.message ?? error.message) }) })}\n`
  }
}
