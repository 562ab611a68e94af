import type { NetworkSettings, ThesisDemoSettings } from './thesis-demo-flags.ts'

/** What is about to happen, laid out as in figure 5.2 of the thesis. */
export function describeSettings(settings: ThesisDemoSettings, savePath: string): string {
  const { paths, testShare, epochs, batchSize, learningRate, optimizer, device } = settings
  const [first, second] = paths
  const data =
    second === undefined
      ? [`Path: ${first}`, `Validation Ratio: ${testShare}`]
      : [`Train: ${first}`, `Test: ${second}`]
  return [
    'Dataset Info:',
    ...data.map((line) => `  ${line}`),
    'Training Info:',
    `  Device: ${device ?? 'auto'}`,
    `  Epoch: ${epochs}`,
    `  Batch Size: ${batchSize}`,
    `  Learning Rate: ${learningRate}`,
    ...(settings.multiClass ? networkLines('Multi', settings.multi) : []),
    ...(settings.binaryClass ? networkLines('Binary', settings.binary) : []),
    `  Optimizer: ${optimizer}`,
    `Predict: ${yesNo(settings.predict)}`,
    `Combine: ${yesNo(settings.combine)}`,
    `Save: ${yesNo(settings.save)}`,
    `  Save Path: ${savePath}`,
  ].join('\n')
}

const networkLines = (title: string, { named, losses }: NetworkSettings): string[] => [
  `  ${title}:`,
  `    Loss: ${losses.join(' + ')}`,
  `    Net: ${named}`,
]

const yesNo = (value: boolean): string => (value ? 'Yes' : 'No')
