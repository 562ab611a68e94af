import { tmpdir } from 'node:os'
import { tf } from '@limbeck/core'
import { expect, it } from 'vitest'
import { describeEnvironment } from './environment.ts'

it('tells with what a run was made, without a commit outside a repository', async () => {
  const environment = await describeEnvironment({ backend: 'ref', directory: tmpdir() })
  expect(environment).toMatchObject({ backend: 'ref', node: process.version, argv: process.argv })
  expect(environment).not.toHaveProperty('commit')
  expect(environment).not.toHaveProperty('dataChecksum')
  expect(environment.packages['@tensorflow/tfjs-core']).toBe(tf.version_core)
  for (const name of ['train', 'core', 'data', 'losses', 'methods', 'models']) {
    expect(environment.packages[`@limbeck/${name}`]).toMatch(/^\d+\.\d+\.\d+/)
  }
})

it('tells which data they were', async () => {
  const environment = await describeEnvironment({ backend: 'ref', directory: tmpdir(), dataChecksum: 'abc' })
  expect(environment.dataChecksum).toBe('abc')
})
