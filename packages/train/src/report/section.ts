import { type Html, html } from './html.ts'

export interface SectionHead {
  readonly id: string
  readonly title: string
  /** One sentence on how to read it. */
  readonly lede: string
}

/** A titled part of a page. */
export const section = ({ id, title, lede }: SectionHead, content: Html): Html =>
  html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
<p class="lede">${lede}</p>
${content}
</section>`
