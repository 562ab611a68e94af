import { main } from './main.ts'

// the reader of a pipe may leave first (`limbeck list | head`); that is its right
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await main(process.argv.slice(2))
