import { main } from '@limbeck/cli'

process.exitCode = await main(process.argv.slice(2))
