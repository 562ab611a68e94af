import { flatSettings } from '../flat-settings.ts'
import { type Html, html } from '../html.ts'
import type { Settings } from '../read-run.ts'
import { section } from '../section.ts'

/** Every setting of the run, defaults included. */
export function settingsSection(config: Settings | undefined): Html | undefined {
  if (!config) return undefined
  return section(
    { id: 'settings', title: 'Settings', lede: 'From config.json: every default is written out.' },
    html`<table class="settings">
<caption>Settings by path, as --set takes them</caption>
<thead><tr><th scope="col">Setting</th><th scope="col">Value</th></tr></thead>
<tbody>${[...flatSettings(config)].map(([path, value]) => html`<tr><th scope="row"><code>${path}</code></th><td><code>${value}</code></td></tr>`)}</tbody>
</table>`,
  )
}
