import { describe, expect, it } from 'vitest'
import { html, trusted } from './html.ts'

describe('html', () => {
  it('escapes text, in attributes too', () => {
    expect(html`<b title="${`"&'`}">${'<script>'}</b>`.markup).toBe(
      '<b title="&quot;&amp;&#39;">&lt;script&gt;</b>',
    )
  })

  it('leaves markup as it is, joins lists and drops what is not there', () => {
    expect(html`<ul>${[1, 2].map((n) => html`<li>${n}</li>`)}${undefined}</ul>`.markup).toBe(
      '<ul><li>1</li><li>2</li></ul>',
    )
    expect(html`${trusted('<hr>')}`.markup).toBe('<hr>')
  })
})
