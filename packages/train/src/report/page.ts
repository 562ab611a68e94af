import { type Html, html, trusted } from './html.ts'
import { STYLE } from './style.ts'

/** A whole page that needs nothing but itself: no scripts, and the browser is told to load nothing from anywhere. */
export function page(title: string, content: Html): string {
  return `${
    html`${trusted('<!doctype html>')}
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>`.markup
  }\n`
}
