// npm run bench -- NAME [options]: runs bench/NAME.mjs.
import { readdirSync } from 'node:fs'

const [name, ...args] = process.argv.slice(2)
const here = new URL('.', import.meta.url)
const known = readdirSync(here)
  .filter((file) => file.endsWith('.mjs') && file !== 'run.mjs')
  .map((file) => file.replace('.mjs', ''))
if (!known.includes(name)) {
  console.error(
    `npm run bench -- NAME\n  expected one of ${known.join(', ')}\n  received ${name ?? 'nothing'}`,
  )
  process.exit(2)
}
const { bench } = await import(new URL(`${name}.mjs`, here))
await bench(args)
