export type { BackendModule, GradientSet } from './bundle.ts'
export { type ConformanceOptions, type ConformanceReport, runConformance } from './conformance.ts'
