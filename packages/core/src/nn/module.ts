import { Buffer, Parameter } from './parameter.ts'

/**
 * A part of a network. Its parameters, buffers and sub-modules are simply its properties (also inside arrays), and
 * the dotted path to each is its name: `encoder.0.conv.weight`.
 */
export abstract class Module {
  /** Parameters by dotted name, in order of declaration. */
  parameters(): Map<string, Parameter> {
    return new Map(
      [...this.#owned()].filter((entry): entry is [string, Parameter] => entry[1] instanceof Parameter),
    )
  }

  /** Buffers by dotted name, in order of declaration. */
  buffers(): Map<string, Buffer> {
    return new Map(
      [...this.#owned()].filter((entry): entry is [string, Buffer] => entry[1] instanceof Buffer),
    )
  }

  /** Number of trainable scalars. */
  parameterCount(): number {
    return [...this.parameters().values()].reduce((sum, { tensor }) => sum + tensor.size, 0)
  }

  /** Frees every parameter and buffer. */
  dispose(): void {
    for (const [, owned] of this.#owned()) owned.dispose()
  }

  *#owned(): Generator<[string, Parameter | Buffer]> {
    yield* walk('', this, new Set())
  }
}

function* walk(path: string, part: unknown, seen: Set<unknown>): Generator<[string, Parameter | Buffer]> {
  if (typeof part !== 'object' || part === null || seen.has(part)) return
  seen.add(part)
  if (part instanceof Parameter || part instanceof Buffer) yield [path, part]
  else if (part instanceof Module || Array.isArray(part)) {
    for (const [key, child] of Object.entries(part)) yield* walk(path ? `${path}.${key}` : key, child, seen)
  }
}
