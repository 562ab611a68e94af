/** What the packed tests use of vitest, by Node's own test runner; `expect` is vitest's own. */
import { describe, it } from 'node:test'
import { format } from 'node:util'
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect'
import * as chai from 'chai'

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin)

export const { expect } = chai
export { after as afterAll, before as beforeAll, describe, it, it as test } from 'node:test'

for (const declare of [describe, it]) {
  declare.skipIf = (reason) => (reason ? declare.skip : declare)
  // a row that is a list gives several arguments; names take them as `%s` or `%d`
  declare.each = (rows) => (name, run) => {
    const taken = name.match(/%[a-z]/g)?.length ?? 0
    for (const row of rows) {
      const args = Array.isArray(row) ? row : [row]
      declare(format(name, ...args.slice(0, taken)), () => run(...args))
    }
  }
}
