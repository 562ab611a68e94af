export { logLines } from './callbacks/metrics-log.ts'
export { batchSchema } from './config/batch-schema.ts'
export { loadPlugin } from './config/load-plugin.ts'
export { averagingSchema, confidenceSchema } from './config/measure-schema.ts'
export { builtIns, createRegistry, type ParsedConfig, parseConfig } from './config/parse-config.ts'
export { applyOverrides, type RawConfig, readConfig } from './config/read-config.ts'
export {
  defineConfig,
  type ExperimentConfig,
  type ExperimentConfigIn,
  experimentSchema,
} from './config/schema.ts'
export { crossValidate, type FinishedFolds, isCrossValidation } from './cross-validate.ts'
export {
  countBatches,
  type EvaluationOptions,
  evaluateModel,
  type PredictedSample,
  predictSplit,
} from './evaluation.ts'
export { configuredMetrics, evaluationOptions } from './evaluation-options.ts'
export { upload } from './feed.ts'
export { fileSource, type ImageSource, sampleSource } from './inference/image-source.ts'
export { type InferenceOptions, inferenceSchema } from './inference/inference-schema.ts'
export {
  type ImageBand,
  type SegmentOptions,
  type SegmentRequest,
  segmentImages,
} from './inference/segment-images.ts'
export { stainedSource } from './inference/stained-source.ts'
export { augmentation } from './loading/augmentation.ts'
export * from './metrics/index.ts'
export { openDataset } from './open-dataset.ts'
export { type OpenedExperiment, openExperiment } from './open-experiment.ts'
export { divideData, splitNames, splitOf, splitsRead } from './protocols/divide-data.ts'
export type { FutureAs, Setting } from './protocols/label-view.ts'
export { type PlannedTask, planTasks, type TaskSequence } from './protocols/tasks.ts'
export { type Comparison, compareRuns, type Spread, spread } from './report/compare-runs.ts'
export { comparisonMarkdown } from './report/comparison-markdown.ts'
export { comparisonPage } from './report/comparison-page.ts'
export { type RunRecord, readRun } from './report/read-run.ts'
export { renderReport, writeReport } from './report/render-report.ts'
export { type Checkpoint, loadCheckpoint, type ModelDescription, saveCheckpoint } from './run/checkpoint.ts'
export { foldDirectories } from './run/fold-directories.ts'
export type { LogLine } from './run/log-line.ts'
export type { RunResult } from './run/result.ts'
export { RunDirectory } from './run/run-directory.ts'
export { run } from './run.ts'
export type { FinishedRun, RunOptions } from './run-experiment.ts'
export {
  type Experiment,
  type Keeper,
  type MeasuredExtent,
  type TaskPlan,
  type TaskResult,
  type TrainingResult,
  train,
} from './trainer.ts'
export { stageConfigs } from './two-stage/stage-configs.ts'
export { COMBINED, STAGES } from './two-stage/stage-names.ts'
