import { defineMethod, z } from '@limbeck/core'
import { initialFisher, normalizeImportance, updateFisher } from '@limbeck/losses'
import { anchor, consolidate, consolidationOptions, taskGradients } from './consolidation.ts'
import { setStateGroup, stateGroup } from './state-group.ts'
import { lineagePresets } from './supervision.ts'

/**
 * EWC, elastic weight consolidation (Kirkpatrick et al., 2017): parameters with much Fisher information on earlier
 * tasks are held where they were. As in MiB's code, the information is a running mean of squared mini-batch gradients,
 * normalised per tensor, and its weight is 500.
 */
export const ewc = defineMethod({
  name: 'ewc',
  summary: 'Holds parameters with much Fisher information where they were.',
  paper: 'https://arxiv.org/abs/1612.00796',
  options: {
    ...consolidationOptions({ penaltyWeight: 500 }),
    rate: z.number().min(0).max(1).default(0.9).describe('share of the newest gradient in the running mean'),
  },
  presets: lineagePresets,
  needsHistory: true,
  recipe: consolidate,
  afterBackward(at) {
    const { options, parameters, state } = at
    const known = stateGroup(state, 'fisher')
    const fisher = known.size > 0 ? known : initialFisher(parameters)
    setStateGroup(state, 'fisher', updateFisher(fisher, taskGradients(at), options))
  },
  finish({ student, state }) {
    anchor(state, student, normalizeImportance(stateGroup(state, 'fisher')))
    setStateGroup(state, 'fisher', new Map())
  },
})
