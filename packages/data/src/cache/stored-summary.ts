import { type SampleSummary, z } from '@limbeck/core'

/** A summary as a journal keeps it; the id is in its key. */
export const storedSummarySchema = z.strictObject({
  width: z.int().positive(),
  height: z.int().positive(),
  channels: z.int().positive(),
  pixels: z.array(z.tuple([z.int().min(0).max(255), z.int().positive()])),
})

export type StoredSummary = z.infer<typeof storedSummarySchema>

export const storeSummary = ({ width, height, channels, pixels }: SampleSummary): StoredSummary => ({
  width,
  height,
  channels,
  pixels: [...pixels],
})

export const restoreSummary = (id: string, { pixels, ...size }: StoredSummary): SampleSummary => ({
  id,
  ...size,
  pixels: new Map(pixels),
})
