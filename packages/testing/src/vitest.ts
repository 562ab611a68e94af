export { type DescribeConformanceOptions, describeConformance } from './describe-conformance.ts'
export { type DescribeGoldenOptions, describeGolden } from './describe-golden.ts'
