/** Markup that may stand in a page as it is. Only `html` and `trusted` make it. */
export class Html {
  readonly markup: string

  constructor(markup: string) {
    this.markup = markup
  }
}

/** What a template takes: text is escaped, markup is not, lists are joined, nothing stays nothing. */
export type Content = Html | string | number | undefined | readonly Content[]

/** A template of HTML or SVG: `html\`<td>${name}</td>\`` escapes `name`, so that no class name can break a page. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(strings.reduce((markup, string, k) => markup + render(values[k - 1]) + string))
}

/** Markup written by us, such as the style sheet. */
export const trusted = (markup: string): Html => new Html(markup)

function render(content: Content): string {
  if (content === undefined) return ''
  if (content instanceof Html) return content.markup
  if (typeof content === 'object') return content.map(render).join('')
  return escapeText(String(content))
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escapeText = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!)
