import type { DivergenceAttrs } from '@limbeck/core'
import { aroundAxis } from '@limbeck/core/kernels'
import { codes } from '../native-kernels.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

type Maps = Inputs<'student' | 'teacher'>

function intsOf({ student, teacher }: Maps, { groups, form, modulator, detachModulator }: DivergenceAttrs) {
  return {
    rows: aroundAxis(student.shape, student.shape.length - 1).outer,
    channels: groups.length,
    teacherChannels: teacher.shape.at(-1)!,
    form: codes.form[form],
    modulator: codes.modulator[modulator],
    detachModulator,
    groups,
  }
}

const divergence: NativeKernel<Maps, DivergenceAttrs> = (inputs, attrs, backend) => {
  const y = backend.empty(inputs.student.shape.slice(0, -1), 'float32')
  backend.run('divergence', { ...inputs, y }, intsOf(inputs, attrs), attrs)
  return y
}

const divergenceGrad: NativeKernel<Maps & Inputs<'dy'>, DivergenceAttrs> = (inputs, attrs, backend) => {
  const dstudent = backend.empty(inputs.student.shape, 'float32')
  backend.run('divergenceGrad', { ...inputs, dstudent }, intsOf(inputs, attrs), attrs)
  return dstudent
}

export const softmaxDivergenceKernels = {
  SegSoftmaxDivergence: divergence,
  SegSoftmaxDivergenceGrad: divergenceGrad,
} satisfies KernelTable
