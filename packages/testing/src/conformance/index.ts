export type { BackendModule, GradientSet } from './bundle.ts'
export { bundleSuites, type ConformanceOptions, runConformance } from './conformance.ts'
export { type ConformanceReport, runSuites, type Suites } from './run-suites.ts'
