import type { Environment } from '../../run/environment.ts'
import { gibibytes } from '../format.ts'
import { type Html, html } from '../html.ts'
import { section } from '../section.ts'

/** With what, on what and from which sources the run was made. */
export function provenanceSection(environment: Environment | undefined): Html | undefined {
  if (!environment) return undefined
  const {
    date,
    argv,
    backend,
    node,
    platform,
    cpu,
    cores,
    memoryBytes,
    packages,
    dataChanges = [],
  } = environment
  const rows: [string, string][] = [
    ['Started', date],
    ['Command', argv.join(' ')],
    ['Git commit', environment.commit ?? 'not in a repository'],
    ['SHA-256 of the data', environment.dataChecksum ?? 'drawn, not read'],
    ...dataChanges.map(({ date: at, dataChecksum }): [string, string] => [
      'Data changed, run resumed',
      `${at}: ${dataChecksum ?? 'drawn, not read'}`,
    ]),
    ['Backend', backend],
    ['Machine', `${cpu}, ${cores} cores, ${gibibytes(memoryBytes)}`],
    ['System', `${platform}, Node ${node}`],
    [
      'Packages',
      Object.entries(packages)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
  ]
  return section(
    { id: 'provenance', title: 'Provenance', lede: 'What it takes to make this run again.' },
    html`<table class="settings">
<caption>Environment of the run</caption>
<tbody>${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td><code>${value}</code></td></tr>`)}</tbody>
</table>`,
  )
}
