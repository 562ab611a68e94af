import { describe, expect, it } from 'vitest'
import { pathWithin } from './path-within.ts'

describe('pathWithin', () => {
  it.each([
    ['a.png', '/set/a.png'],
    ['train/a.png', '/set/train/a.png'],
    ['train\\a.png', '/set/train/a.png'],
    ['..a/b..png', '/set/..a/b..png'],
  ])('takes %s', (name, path) => {
    expect(pathWithin('/set', name, 'here')).toBe(path)
  })

  it.each([
    '../a',
    'a/../../b',
    '..',
    'a\\..\\b',
    '/etc/passwd',
    '\\\\host\\share',
    'C:\\a',
    'c:a',
    'a\0b',
    '',
    'a'.repeat(5000),
  ])('refuses %j', (name) => {
    expect(() => pathWithin('/set', name, 'here')).toThrow('here: names a file outside')
  })
})
