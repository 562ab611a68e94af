import { defineMethod, tf } from '@limbeck/core'
import { extendPath, initialPath, normalizeImportance, pathImportance } from '@limbeck/losses'
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
 * PI, path integral, also known as synaptic intelligence (Zenke et al., 2017): parameters whose way through a task
 * lowered its loss are held where they ended. As in MiB's code, a gradient is multiplied with the step before it, and
 * importance is normalised per tensor; its weight is 500.
 */
export const pi = defineMethod({
  name: 'pi',
  summary: 'Holds parameters whose path lowered the loss where they ended.',
  paper: 'https://arxiv.org/abs/1703.04200',
  options: consolidationOptions({ penaltyWeight: 500 }),
  presets: lineagePresets,
  needsHistory: true,
  recipe: consolidate,
  afterBackward(at) {
    const { parameters, state } = at
    const path = stateGroup(state, 'path')
    const before = stateGroup(state, 'before')
    if (path.size === 0) {
      setStateGroup(state, 'path', initialPath(parameters))
      setStateGroup(state, 'start', copies(parameters))
    } else {
      const step = { gradients: taskGradients(at), before, after: parameters }
      setStateGroup(state, 'path', extendPath(path, step))
    }
    setStateGroup(state, 'before', copies(parameters))
  },
  finish({ student, state }) {
    tf.tidy(() => {
      const parameters = tensorsOf(student)
      const importance = pathImportance(stateGroup(state, 'path'), {
        parameters,
        anchors: stateGroup(state, 'start'),
        previous: padGroup(stateGroup(state, 'sum'), parameters),
      })
      anchor(state, student, normalizeImportance(importance))
      setStateGroup(state, 'sum', importance)
      for (const group of ['path', 'start', 'before']) setStateGroup(state, group, new Map())
    })
  },
})
