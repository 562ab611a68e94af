import { defineMethod, tf, z } from '@limbeck/core'
import {
  endScore,
  extendScore,
  initialFisher,
  initialPath,
  normalizeImportance,
  updateFisher,
  walkImportance,
} from '@limbeck/losses'
import {
  anchor,
  consolidate,
  consolidationOptions,
  copies,
  padGroup,
  taskGradients,
  tensorsOf,
} from './consolidation.ts'
import { setStateGroup, stateGroup } from './state-group.ts'
import { lineagePresets } from './supervision.ts'

/**
 * RW, Riemannian walk (Chaudhry et al., 2018): Fisher information as in EWC, and a score of how much each parameter's
 * way lowered the loss for its length in that metric, read every `every` steps. As in MiB's code both are normalised
 * per tensor; their weight is 100.
 */
export const rw = defineMethod({
  name: 'rw',
  summary: 'Holds parameters with much Fisher information or an efficient path.',
  paper: 'https://arxiv.org/abs/1801.10112',
  options: {
    ...consolidationOptions({ penaltyWeight: 100 }),
    rate: z.number().min(0).max(1).default(0.9).describe('share of the newest gradient in the running mean'),
    every: z.int().positive().default(10).describe('steps between two readings of the path'),
  },
  presets: lineagePresets,
  needsHistory: true,
  recipe: consolidate,
  afterBackward(at) {
    const { options, parameters, state, progress } = at
    const gradients = taskGradients(at)
    const score = stateGroup(state, 'score')
    const started = score.size > 0
    const fisher = updateFisher(
      started ? stateGroup(state, 'fisher') : initialFisher(parameters),
      gradients,
      options,
    )
    setStateGroup(state, 'fisher', fisher)
    if (started && progress.step % options.every !== 0) return
    const step = { gradients, before: stateGroup(state, 'before'), after: parameters, fisher }
    setStateGroup(state, 'score', started ? extendScore(score, step) : initialPath(parameters))
    setStateGroup(state, 'before', copies(parameters))
  },
  finish({ student, state }) {
    tf.tidy(() => {
      const earlier = padGroup(stateGroup(state, 'sum'), tensorsOf(student))
      const score = endScore(stateGroup(state, 'score'), earlier)
      const fisher = stateGroup(state, 'fisher')
      anchor(state, student, walkImportance(normalizeImportance(fisher), normalizeImportance(score)))
      setStateGroup(state, 'sum', score)
      for (const group of ['fisher', 'score', 'before']) setStateGroup(state, group, new Map())
    })
  },
})
