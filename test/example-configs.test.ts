import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseConfig, readConfig } from '@limbeck/train'
import { describe, expect, it } from 'vitest'

const examples = new URL('../examples/', import.meta.url)
const files = readdirSync(examples).filter((name) => name.endsWith('.yaml'))

describe('every example', () => {
  it.each(files)('%s is a valid config, named as its file', async (file) => {
    const { config } = await parseConfig(await readConfig(fileURLToPath(new URL(file, examples))))
    expect(`${config.name}.yaml`).toBe(file)
  })
})
