/** Commands whose output goes to a log, and that end when their time is up. */
import { spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'

/**
 * Runs a command in a process group of its own: its exit code, what it printed, and whether it was `cut` off together with
 * all that it had started. What it prints is appended to the log in one piece.
 */
export function run([program, ...args], { log, seconds, env = {} }) {
  return new Promise((done) => {
    const begun = performance.now()
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let output = ''
    let cut = false
    const timer = setTimeout(() => {
      cut = true
      killGroup(child.pid)
    }, seconds * 1000)
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => {
        output += chunk
      })
    }
    child.on('error', (error) => {
      output += error.message
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      const took = ((performance.now() - begun) / 1000).toFixed(1)
      const how = cut ? 'cut off' : `code ${code}`
      appendFileSync(log, `$ ${[program, ...args].join(' ')}\n${output}\n(${how}, ${took} s)\n\n`)
      done({ code: code ?? 1, output, cut })
    })
  })
}

function killGroup(leader) {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error // it may have ended in this moment
  }
}

/** What a stage says of commands all of which had to succeed: how it went, and why the first that failed did, if that is known. */
export function verdict(outcomes) {
  const failed = outcomes.filter(({ code, cut }) => code !== 0 && !cut)
  const reason = failed.find((one) => one.reason !== undefined)?.reason
  if (failed.length > 0) return { status: 'failed', ...(reason && { reason }) }
  return { status: outcomes.some(({ cut }) => cut) ? 'cut' : 'passed' }
}
