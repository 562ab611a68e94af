import { definePlugin } from '@limbeck/core'
import { fineTune } from './fine-tune.ts'
import { mib } from './mib.ts'
import { plop } from './plop.ts'

/** Every built-in method, by name, for config files. */
export const methodsPlugin = definePlugin({ name: 'methods', methods: [fineTune, mib, plop] })
