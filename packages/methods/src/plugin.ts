import { definePlugin } from '@limbeck/core'
import { cps } from './cps.ts'
import { fineTune } from './fine-tune.ts'
import { joint } from './joint.ts'
import { meanTeacher } from './mean-teacher.ts'
import { mib } from './mib.ts'
import { plop } from './plop.ts'

/** Every built-in method, by name, for config files. */
export const methodsPlugin = definePlugin({
  name: 'methods',
  methods: [cps, fineTune, joint, meanTeacher, mib, plop],
})
