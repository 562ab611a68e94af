import { describe, expect, it } from 'vitest'
import { columnOf, countsOf, parseCsv } from './csv.ts'

describe('parseCsv', () => {
  it('reads columns, quoted fields and a byte order mark', () => {
    const table = parseCsv('\ufeffname, count\n"a, b",3\r\n\nc,4\n', 'x.csv')
    expect(columnOf(table, 'name')).toEqual(['a, b', 'c'])
    expect(countsOf(table, 'count')).toEqual([3, 4])
  })

  it.each([
    ['an empty file', '', 'x.csv: is empty'],
    ['a row of another length', 'a,b\n1\n', 'x.csv: Invalid Record Length'],
    ['a quote that never closes', 'a\n"b', 'x.csv: Quote Not Closed'],
  ])('refuses %s', (_, text, message) => {
    expect(() => parseCsv(text, 'x.csv')).toThrow(message)
  })

  it('names the columns there are, and the field that is not a count', () => {
    const table = parseCsv('a,b\n1,-2\n', 'x.csv')
    expect(() => columnOf(table, 'c')).toThrow('x.csv: no column "c"\n  received a, b')
    expect(() => countsOf(table, 'b')).toThrow('row 2, column "b" is not a count')
  })
})
