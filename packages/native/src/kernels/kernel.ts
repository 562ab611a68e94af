import type { Kernel, NoAttrs } from '@limbeck/core/kernels'
import type { NativeBackend } from '../backend.ts'

export type { Inputs, KernelTable, NoAttrs } from '@limbeck/core/kernels'

/** A kernel of tfjs or of the contract, lowered to launches of native kernels. */
export type NativeKernel<Inputs, Attrs = NoAttrs> = Kernel<NativeBackend, Inputs, Attrs>
