// A training step in stock tfjs: bundled first, so that there is one copy of tfjs-core.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Seconds of each of some warm steps of the stock U-Net (`../stock`), in a process of its own. */
export async function stockStep(setting) {
  const directory = mkdtempSync(join(tmpdir(), 'limbeck-bench-'))
  try {
    const outfile = join(directory, 'stock.mjs')
    await build({
      entryPoints: [fileURLToPath(new URL('../stock/unet-step.mjs', import.meta.url))],
      bundle: true,
      platform: 'node',
      format: 'esm',
      // one copy of tfjs-core, with the gradients that its own package.json would drop
      mainFields: ['module', 'main'],
      ignoreAnnotations: true,
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
      },
      outfile,
      logLevel: 'error',
    })
    const child = spawnSync(process.execPath, [outfile, JSON.stringify(setting)], {
      encoding: 'utf8',
    })
    if (child.status !== 0) throw new Error(`the stock step failed:\n${child.stderr}`)
    return JSON.parse(child.stdout.trim().split('\n').at(-1))
  } finally {
    rmSync(directory, { recursive: true })
  }
}
