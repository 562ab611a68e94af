import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readRun } from '../src/report/read-run.ts'
import { renderReport, writeReport } from '../src/report/render-report.ts'
import { RunDirectory } from '../src/run/run-directory.ts'
import { makeUpRun } from './made-up-run.ts'

let directory: string
let page: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'limbeck-report-'))
  await makeUpRun(directory, { name: 'demo<run>', method: 'mib', seed: 1 })
  const run = new RunDirectory(directory)
  await writeReport(run)
  page = await readFile(run.file('report.html'), 'utf8')
})
afterAll(() => rm(directory, { recursive: true }))

const percent = (value: number | null) => (value === null ? '–' : (value * 100).toFixed(1))

describe('report.html', () => {
  it('needs nothing but itself: no scripts, no addresses', () => {
    expect(page).not.toMatch(/<script|https?:|url\(|@import|<link/i)
  })

  it('has a text for every picture and a caption for every table', () => {
    const images = page.match(/<img [^>]*>/g)!
    expect(images).toHaveLength(12)
    for (const image of images) expect(image).toMatch(/alt="val-\d: image, truth and prediction/)
    expect(page.match(/<caption>/g)).toHaveLength(page.match(/<table/g)!.length)
    expect(page.match(/<svg[^>]*role="img"[^>]*aria-label="/g)).toHaveLength(page.match(/<svg/g)!.length)
  })

  it('shows the numbers of result.json', async () => {
    const { tasks } = await readRun(directory)
    for (const { name, metrics } of tasks) {
      const { old, new: fresh, all } = metrics.withoutBackground.miou
      expect(page).toContain(
        `<th scope="row">${name}</th><td class="number">${percent(old)}</td><td class="number">${percent(fresh)}</td><td class="number strong">${percent(all)}</td>`,
      )
    }
  })

  it('shows the means by the names that papers use, further metrics, and their bounds', async () => {
    const { metrics } = (await readRun(directory)).tasks.at(-1)!
    const [low, high] = metrics.intervals!.bounds.Dice!
    const dice = metrics.withoutBackground.dice
    expect(page).toContain(
      `<td class="number">${percent(dice)} <small>[${percent(low)}, ${percent(high)}]</small></td>`,
    )
    expect(page).toMatch(/Dice<.*mIoU<.*mAP<.*mean recall<.*panoptic-quality<.*bPQ<.*surface-dice</s)
    expect(metrics.more!['panoptic-quality']).toHaveLength(5)
  })

  it('says in words what is taken for what', async () => {
    const { metrics } = (await readRun(directory)).tasks.at(-1)!
    const row = metrics.confusion[2]!
    const part = Math.round((row[0]! / row.reduce((sum, pixels) => sum + pixels, 0)) * 100)
    const text = page.replace(/<[^>]*>/g, '').replaceAll('\u202f', ' ')
    expect(text).toContain(`${part} % of lymphocyte pixels are called background`)
  })

  it('escapes what comes from files', () => {
    expect(page).toContain('<h1>demo&lt;run&gt;</h1>')
    expect(page).not.toContain('demo<run>')
  })

  it('is the same for the same run', async () => {
    expect(renderReport(await readRun(directory))).toBe(page)
  })
})

describe('a run that lacks something', () => {
  it('is read without result, pictures and environment: measured tasks come from the log', async () => {
    const partial = await mkdtemp(join(tmpdir(), 'limbeck-partial-'))
    const log = await readFile(join(directory, 'metrics.jsonl'), 'utf8')
    const cut = log.lastIndexOf('"kind":"task-end"')
    await writeFile(join(partial, 'metrics.jsonl'), log.slice(0, cut))
    const run = await readRun(partial)
    expect(run.tasks.map(({ name, oldClasses }) => [name, oldClasses])).toEqual([
      ['0: epithelial, lymphocyte', 0],
      ['1: macrophage', 3],
    ])
    const text = renderReport(run)
    expect(text).toContain('This run has no result yet: 2 tasks have been measured.')
    expect(text).not.toContain('id="pictures"')
    expect(text).not.toContain('id="provenance"')
    await rm(partial, { recursive: true })
  })

  it('is refused when there is no run at all, and when a file is broken', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'limbeck-empty-'))
    await expect(readRun(empty)).rejects.toMatchObject({ code: 'run/not-a-run' })
    await appendFile(join(empty, 'result.json'), '{"name":')
    await expect(readRun(empty)).rejects.toMatchObject({ code: 'run/broken-json' })
    await rm(empty, { recursive: true })
  })
})
