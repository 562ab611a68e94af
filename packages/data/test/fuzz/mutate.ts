import type { Random } from '@limbeck/core'

export interface Material {
  /** Well-formed files; pieces of them are spliced into one another. */
  readonly seeds: readonly Uint8Array[]
  /** Words that mean something to the format, or should not. */
  readonly words: readonly string[]
}

/** Lengths and counts that parsers have stumbled over. */
const NUMBERS = [
  0,
  1,
  -1,
  127,
  128,
  255,
  256,
  32767,
  65535,
  65536,
  2 ** 24,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 53,
]
const NUMERALS = [
  '0',
  '-1',
  '1e999',
  'NaN',
  '0.5',
  '4294967296',
  '99999999999999999999',
  '1e-320',
  '-0',
  '0x10',
  'null',
]
/** What names of files should never be able to say. */
const PATHS = [
  '../',
  '../../',
  '/etc/passwd',
  '..\\..\\',
  'C:\\',
  '\u0000',
  '~/',
  'file:///',
  '%2e%2e%2f',
  './/',
  'outside',
]
/** Files that are changed in many places are refused at the first of them. */
const CHANCE_OF_ANOTHER = 0.35
const LONGEST_PIECE = 512

type Mutation = (bytes: Uint8Array, random: Random, material: Material) => Uint8Array

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  overwriteByte,
  overwriteNumber,
  truncate,
  removePiece,
  repeatPiece,
  splice,
  insertWord,
  replaceNumeral,
  replaceText,
]

/** A file that differs from one of the seeds in a few places. The same random state gives the same file. */
export function mutate(material: Material, random: Random): Uint8Array {
  let bytes = Uint8Array.from(random.pick(material.seeds))
  do {
    bytes = Uint8Array.from(random.pick(MUTATIONS)(bytes, random, material))
  } while (random.chance(CHANCE_OF_ANOTHER))
  return bytes
}

function flipBit(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length > 0) bytes[place(bytes, random)]! ^= 1 << random.integer(8)
  return bytes
}

function overwriteByte(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length > 0) bytes[place(bytes, random)] = random.integer(256)
  return bytes
}

/** A field of 2, 4 or 8 bytes, in either order. */
function overwriteNumber(bytes: Uint8Array, random: Random): Uint8Array {
  const size = random.pick([2, 4, 8])
  if (bytes.length < size) return bytes
  const at = Math.min(place(bytes, random), bytes.length - size)
  const value = BigInt(random.pick(NUMBERS))
  const littleEndian = random.chance(0.5)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (size === 2) view.setUint16(at, Number(BigInt.asUintN(16, value)), littleEndian)
  else if (size === 4) view.setUint32(at, Number(BigInt.asUintN(32, value)), littleEndian)
  else view.setBigUint64(at, BigInt.asUintN(64, value), littleEndian)
  return bytes
}

function truncate(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.subarray(0, random.integer(bytes.length + 1))
}

function removePiece(bytes: Uint8Array, random: Random): Uint8Array {
  const [start, end] = piece(bytes, random)
  return join(bytes.subarray(0, start), bytes.subarray(end))
}

function repeatPiece(bytes: Uint8Array, random: Random): Uint8Array {
  const [start, end] = piece(bytes, random)
  const times = 1 + random.integer(random.chance(0.1) ? 200 : 3)
  return join(
    bytes.subarray(0, end),
    ...new Array<Uint8Array>(times).fill(bytes.subarray(start, end)),
    bytes.subarray(end),
  )
}

function splice(bytes: Uint8Array, random: Random, { seeds }: Material): Uint8Array {
  const other = random.pick(seeds)
  const [start, end] = piece(other, random)
  const at = place(bytes, random)
  return join(bytes.subarray(0, at), other.subarray(start, end), bytes.subarray(at))
}

function insertWord(bytes: Uint8Array, random: Random, { words }: Material): Uint8Array {
  const at = place(bytes, random)
  const word = random.pick([...words, ...PATHS, ...NUMERALS])
  return join(bytes.subarray(0, at), text(word), bytes.subarray(at))
}

/** A run of digits becomes another number. */
function replaceNumeral(bytes: Uint8Array, random: Random): Uint8Array {
  const from = place(bytes, random)
  const start = bytes.findIndex((byte, i) => i >= from && isDigit(byte))
  if (start < 0) return bytes
  let end = start
  while (isDigit(bytes[end])) end++
  const number = random.chance(0.5) ? random.pick(NUMERALS) : String(random.pick(NUMBERS))
  return join(bytes.subarray(0, start), text(number), bytes.subarray(end))
}

/** What stands between quotation marks becomes a path or another word. */
function replaceText(bytes: Uint8Array, random: Random, { words }: Material): Uint8Array {
  const from = place(bytes, random)
  const start = bytes.findIndex((byte, i) => i >= from && isQuote(byte))
  if (start < 0) return bytes
  const end = bytes.indexOf(bytes[start]!, start + 1)
  if (end < 0) return bytes
  const word = random.chance(0.5)
    ? random.pick(PATHS) + random.pick(['', 'outside', 'outside.png'])
    : random.pick(words)
  return join(bytes.subarray(0, start + 1), text(word), bytes.subarray(end))
}

/** A place in a file; heads, where lengths and types stand, are hit half of the time. */
function place(bytes: Uint8Array, random: Random): number {
  const reach = random.chance(0.5) ? Math.min(bytes.length, 256) : bytes.length
  return random.integer(Math.max(1, reach))
}

function piece(bytes: Uint8Array, random: Random): [start: number, end: number] {
  const start = place(bytes, random)
  return [start, Math.min(bytes.length, start + 1 + random.integer(LONGEST_PIECE))]
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts))
}

const text = (word: string): Uint8Array => new TextEncoder().encode(word)
const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39
const isQuote = (byte: number): boolean => byte === 0x22 || byte === 0x27
