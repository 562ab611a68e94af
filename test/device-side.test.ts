import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

describe('a side of the benchmark', () => {
  const fake = `
    const { createInterface } = require('node:readline')
    console.log(process.argv[1] ?? '{"ready":{"GPU":"none"}}')
    createInterface({ input: process.stdin }).on('line', (line) => {
      const { task } = JSON.parse(line)
      if (task === 'end') process.exit(3)
      if (task !== 'hang') console.log(JSON.stringify({ did: task }))
    })`
  const start = async (...args: readonly string[]) => {
    const path = fileURLToPath(new URL('../bench/lib/device-side.mjs', import.meta.url))
    const { DeviceSide } = await import(path)
    return new DeviceSide(process.execPath, ['-e', fake, ...args])
  }

  it('answers each task, also the one after a task at which its process ended or was late', async () => {
    const side = await start()
    const ask = (task: string, seconds = 20) => side.ask({ task }, seconds)
    expect(await ask('one')).toEqual({ did: 'one' })
    expect(side.ready).toEqual({ GPU: 'none' })
    expect(await ask('end')).toEqual({ error: 'the process ended' })
    expect(await ask('two')).toEqual({ did: 'two' })
    expect(await ask('hang', 0.1)).toEqual({ error: 'no answer within 0.1 s' })
    expect(await ask('three')).toEqual({ did: 'three' })
    side.close()
  })

  it('is asked no more when it failed twice in a row, or said that it cannot', async () => {
    const side = await start()
    for (const _ of [1, 2]) await side.ask({ task: 'end' }, 20)
    expect(await side.ask({ task: 'one' }, 20)).toEqual({ error: 'the process ended, 2 times in a row' })

    const unable = await start('{"reason":"no GPU"}')
    expect(await unable.ask({ task: 'one' }, 20)).toEqual({ error: 'no GPU' })
    unable.close()
  })
})
