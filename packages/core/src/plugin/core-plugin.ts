import { constant, cosine, multiStep, plateau, poly } from '../optim/schedules.ts'
import { definePlugin } from './plugin.ts'

/** What core itself offers by name. */
export const corePlugin = definePlugin({
  name: 'core',
  schedules: [constant, cosine, multiStep, plateau, poly],
})
