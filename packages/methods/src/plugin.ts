import { definePlugin } from '@limbeck/core'
import { cdma } from './cdma.ts'
import { cps } from './cps.ts'
import { distil } from './distil.ts'
import { ewc } from './ewc.ts'
import { fineTune } from './fine-tune.ts'
import { focalKdMethod } from './focal-kd.ts'
import { ilt } from './ilt.ts'
import { joint } from './joint.ts'
import { lwf } from './lwf.ts'
import { lwfMc } from './lwf-mc.ts'
import { meanTeacher } from './mean-teacher.ts'
import { mib } from './mib.ts'
import { msKd } from './ms-kd.ts'
import { pi } from './pi.ts'
import { plop } from './plop.ts'
import { rcil } from './rcil.ts'
import { rw } from './rw.ts'
import { supervised } from './supervised.ts'

/** Every built-in method, by name, for config files. */
export const methodsPlugin = definePlugin({
  name: 'methods',
  methods: [
    supervised,
    joint,
    fineTune,
    lwf,
    lwfMc,
    ilt,
    ewc,
    pi,
    rw,
    mib,
    plop,
    rcil,
    focalKdMethod,
    cdma,
    meanTeacher,
    cps,
    msKd,
    distil,
  ],
})
