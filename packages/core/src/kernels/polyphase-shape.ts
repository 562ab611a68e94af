import type { PolyphaseAttrs } from '../backend/contract.ts'

/** [P·B, h, w, C] of a polyphase sum of `x [B,H,W,C]`. */
export function polyphaseShape(shape: readonly number[], { pairs, pad }: PolyphaseAttrs): number[] {
  const [batch, height, width, channels] = shape as [number, number, number, number]
  const half = pad === 'crop' ? Math.floor : Math.ceil
  return [pairs.length * batch, half(height / 2), half(width / 2), channels]
}
