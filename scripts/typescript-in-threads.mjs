// Tests run from source, and so do the worker threads that they start: Vite's transforms do not reach those, and
// Node 20 runs no TypeScript. Threads inherit `--import` of this file from the test process (vitest.config.ts).
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

if (!isMainThread) register('./typescript-hooks.mjs', import.meta.url)
