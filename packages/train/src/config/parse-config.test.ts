import { describe, expect, it } from 'vitest'
import { parseConfig } from './parse-config.ts'

const methodOf = async (options: Record<string, unknown>) => {
  const value = {
    name: 'presets',
    data: { use: 'synthetic-nuclei' },
    student: { use: 'parallel-unet' },
    method: { use: 'rcil', options },
  }
  const { config } = await parseConfig({ file: 'presets.yaml', directory: process.cwd(), value })
  return config.method
}

describe('a preset in a config', () => {
  it('gives what is not given', async () => {
    const { options } = await methodOf({ preset: 'official' })
    expect(options).toMatchObject({ newBranch: 'keep', reduction: 'all', kdWeight: 100 })
  })

  it('never overrides what is given', async () => {
    const { options } = await methodOf({ preset: 'official', newBranch: 'copy' })
    expect(options).toMatchObject({ newBranch: 'copy', reduction: 'all' })
  })

  it('is one of those that exist', async () => {
    await expect(methodOf({ preset: 'offical' })).rejects.toThrow('at method.options.preset')
  })

  it('leaves a misspelt option an error with the nearest name', async () => {
    const trial = methodOf({ preset: 'official', newBrunch: 'copy' })
    await expect(trial).rejects.toThrow(
      'unknown key "newBrunch" at method.options (did you mean "newBranch"?)',
    )
  })
})

it('says what a value may be where there are several kinds', async () => {
  const value = {
    name: 'kinds',
    data: { use: 'synthetic-nuclei' },
    student: { use: 'unet' },
    method: { use: 'fine-tune' },
    epochs: 'ten',
  }
  await expect(parseConfig({ file: 'kinds.yaml', directory: process.cwd(), value })).rejects.toThrow(
    /expected number.* or .*expected array, received string at epochs/,
  )
})
