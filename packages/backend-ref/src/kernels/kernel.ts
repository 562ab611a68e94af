import type { Kernel, NoAttrs } from '@limbeck/core/kernels'
import type { RefBackend } from '../backend.ts'

export type { Inputs, KernelTable, NoAttrs } from '@limbeck/core/kernels'

/** A kernel of the reference backend. */
export type RefKernel<Inputs, Attrs = NoAttrs> = Kernel<RefBackend, Inputs, Attrs>
