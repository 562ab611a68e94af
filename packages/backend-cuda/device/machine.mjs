/** What device.json says about the machine. */
import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'

export function machine() {
  const [gpu, driver, memory] = firstLine('nvidia-smi', [
    '--query-gpu=name,driver_version,memory.total',
    '--format=csv,noheader',
  ])?.split(', ') ?? [null, null, null]
  return {
    gpu,
    driver,
    memory,
    nvcc: outputOf('nvcc', ['--version'])?.match(/release ([\d.]+)/)?.[1] ?? null,
    cpu: cpus()[0]?.model ?? null,
    cores: availableParallelism(),
  }
}

const outputOf = (program, args) => {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' })
  return status === 0 ? stdout : undefined
}

const firstLine = (program, args) => outputOf(program, args)?.trim().split('\n')[0]
