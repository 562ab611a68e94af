/** What the parent process asks of the one that runs jasmine. */
export type SuiteTask =
  | { readonly kind: 'record' }
  | { readonly kind: 'kernels'; readonly backend: string }
  | { readonly kind: 'run'; readonly backend: string; readonly specs: readonly string[] }

/** What a spec touched while it ran: kernels by name, and whether a complex or string tensor was among them. */
export interface SpecTrace {
  readonly kernels: readonly string[]
  readonly plainDtypes: boolean
}

export interface SpecFailure {
  readonly name: string
  readonly message: string
}

/** What it answers with. */
export type SuiteAnswer =
  | { readonly kind: 'record'; readonly traces: Readonly<Record<string, SpecTrace>> }
  | { readonly kind: 'kernels'; readonly kernels: readonly string[] }
  | {
      readonly kind: 'run'
      readonly passed: number
      readonly pending: number
      readonly failures: readonly SpecFailure[]
    }
