/**
 * The style sheet of every page we write. One column of text and figures; two inks (`--hit`, `--miss`) carry
 * meaning and nothing else does. `rgb(var(--hit) / a)` is why those are bare triplets.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fcfbf8; --card: #ffffff; --ink: #1c1f23; --soft: #5d646d; --rule: #e3e0d9; --band: #f4f2ec;
  --line: #0b6e69; --hit: 38 152 142; --miss: 214 100 62; --banner: #fdf1d7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171a; --card: #1b1e22; --ink: #e9e6e0; --soft: #9aa1aa; --rule: #30343a; --band: #1d2024;
    --line: #57c4b8; --hit: 20 112 105; --miss: 168 72 42; --banner: #3a2f16;
  }
}
@media print {
  :root {
    color-scheme: light;
    --paper: #fff; --card: #fff; --ink: #111; --soft: #555; --rule: #ccc; --band: #f5f5f2;
    --line: #0b6e69; --hit: 38 152 142; --miss: 214 100 62; --banner: #fdf1d7;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums; print-color-adjust: exact; -webkit-print-color-adjust: exact;
}
main { max-width: 1080px; margin: 0 auto; padding: 56px 28px 72px; }
h1, h2 { font-family: "Iowan Old Style", "Palatino Linotype", Palatino, "Liberation Serif", Georgia, serif; }
h1 { margin: 2px 0 22px; font-size: 40px; line-height: 1.12; font-weight: 600; letter-spacing: -.012em; overflow-wrap: anywhere; }
h2 { margin: 0; font-size: 25px; line-height: 1.2; font-weight: 600; letter-spacing: -.005em; }
h3 { margin: 0 0 10px; font-size: 14px; font-weight: 600; }
code { font: 12.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }
small, .note { color: var(--soft); font-size: 12.5px; font-weight: 400; }
a { color: inherit; text-decoration-color: var(--line); text-underline-offset: 3px; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--line); outline-offset: 3px; border-radius: 2px; }
section { margin-top: 60px; padding-top: 26px; border-top: 1px solid var(--rule); }
.lede { margin: 6px 0 22px; max-width: 70ch; color: var(--soft); }
.eyebrow { margin: 0; color: var(--line); font-size: 12px; font-weight: 600; letter-spacing: .09em; text-transform: uppercase; }
.facts { display: flex; flex-wrap: wrap; gap: 14px 38px; margin: 0; }
.facts dt { color: var(--soft); font-size: 12.5px; }
.facts dd { margin: 0; font-weight: 500; }
.banner { margin: 24px 0 0; padding: 10px 16px; border-radius: 8px; background: var(--banner); }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); margin-top: 34px; border: 1px solid var(--rule); border-radius: 10px; background: var(--card); }
.tile { padding: 18px 20px 16px; }
.tile + .tile { border-left: 1px solid var(--rule); }
.tile h3 { margin: 0; color: var(--soft); font-weight: 500; font-size: 13px; }
.tile p { margin: 4px 0 4px; font-size: 33px; line-height: 1.15; font-weight: 600; letter-spacing: -.02em; white-space: nowrap; }
.tile small { display: block; line-height: 1.4; }
.verdict { margin: 18px 0 0; }
nav { margin-top: 26px; font-size: 13.5px; }
nav ul { display: flex; flex-wrap: wrap; gap: 6px 22px; margin: 0; padding: 0; list-style: none; }
.scroll { overflow-x: auto; }
.scroll + .scroll { margin-top: 34px; }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
caption { padding: 0 0 10px; color: var(--soft); font-size: 12.5px; text-align: left; }
th, td { padding: 7px 10px; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: baseline; }
th:first-child, td:first-child { padding-left: 0; }
thead th { color: var(--soft); font-size: 12.5px; font-weight: 500; border-bottom-color: var(--soft); }
thead th[colspan] { border-bottom-color: var(--rule); text-align: center; }
tbody th { font-weight: 500; }
.number { text-align: right; white-space: nowrap; }
td.strong { font-weight: 600; }
.chip { white-space: nowrap; }
.chip i { display: inline-block; width: .78em; height: .78em; margin-right: .45em; border-radius: 3px; vertical-align: -.06em; box-shadow: inset 0 0 0 1px rgb(128 128 128 / .55); }
.bar { min-width: 128px; white-space: nowrap; }
.bar span { display: inline-block; width: 3.1em; text-align: right; margin-right: 9px; }
.bar b { display: inline-block; width: calc(100% - 3.1em - 12px); min-width: 56px; height: 9px; border-radius: 2px; background: var(--band); vertical-align: .02em; overflow: hidden; }
.bar i { display: block; height: 100%; border-radius: 2px; box-shadow: inset 0 0 0 1px rgb(128 128 128 / .45); }
.heat { width: auto; border-collapse: separate; border-spacing: 3px; }
.heat caption { padding-left: 3px; }
.heat th, .heat td { border: 0; }
.heat thead th { text-align: right; }
.heat thead th:first-child { text-align: left; }
.heat td { min-width: 98px; padding: 8px 12px; border-radius: 5px; }
.heat td small { display: block; color: inherit; opacity: .82; font-size: 11.5px; line-height: 1.3; }
.heat tbody th { padding: 8px 14px 8px 0; }
.heat td.nil { color: var(--soft); }
.columns { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 48px; margin-bottom: 34px; }
.mistakes { margin: 0; padding: 0; list-style: none; }
.mistakes li { padding: 6px 0; border-bottom: 1px solid var(--rule); }
.mistakes strong { display: inline-block; min-width: 3.6em; }
.charts { display: grid; grid-template-columns: 1fr 1fr; gap: 26px 36px; }
figure { margin: 0; break-inside: avoid; }
.chart figcaption { font-size: 14px; font-weight: 600; }
.chart svg { display: block; width: 100%; height: auto; overflow: visible; margin-top: 4px; font-size: 11.5px; }
.chart text { fill: var(--soft); }
.chart .end { text-anchor: end; }
.chart .middle { text-anchor: middle; }
.chart .value { fill: var(--ink); font-size: 12.5px; font-weight: 600; }
.chart .grid path { stroke: var(--rule); fill: none; }
.chart .base { stroke: var(--soft); fill: none; }
.chart .line { stroke: var(--line); stroke-width: 1.7; stroke-linejoin: round; fill: none; }
.chart .dot { fill: var(--line); }
.chart .mean { stroke: var(--ink); stroke-width: 2; }
.chart.wide { margin-bottom: 30px; }
.chart .band { fill: none; }
.chart .band.odd { fill: var(--band); }
.legend { display: flex; flex-wrap: wrap; gap: 6px 22px; margin: 0 0 18px; padding: 0; list-style: none; font-size: 14px; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(440px, 1fr)); gap: 28px 32px; }
.panel img { display: block; width: 100%; height: auto; image-rendering: pixelated; border-radius: 3px; }
.panel-head { display: grid; grid-template-columns: repeat(3, 1fr); padding-bottom: 4px; color: var(--soft); font-size: 12.5px; }
.panel figcaption { display: flex; flex-wrap: wrap; gap: 2px 14px; padding-top: 6px; font-size: 13px; }
.panel .id { font-weight: 600; margin-right: auto; overflow-wrap: anywhere; }
.panel .best::before { content: ""; display: inline-block; width: .55em; height: .55em; margin-right: .45em; border-radius: 50%; background: rgb(var(--hit)); }
.panel .worst::before { content: ""; display: inline-block; width: .55em; height: .55em; margin-right: .45em; border-radius: 50%; background: rgb(var(--miss)); }
details { margin-top: 26px; }
details > * + * { margin-top: 18px; }
summary { cursor: pointer; font-weight: 500; }
.settings { width: auto; min-width: 60%; }
.settings tbody th { font-weight: 400; color: var(--soft); white-space: nowrap; }
.settings td, .settings th { padding: 4px 56px 4px 0; }
footer { margin-top: 64px; padding-top: 18px; border-top: 1px solid var(--rule); color: var(--soft); font-size: 12.5px; }
@media screen and (max-width: 760px) {
  main { padding: 32px 18px 48px; }
  h1 { font-size: 31px; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .tile:nth-child(odd) { border-left: 0; }
  .tile:nth-child(n + 3) { border-top: 1px solid var(--rule); }
  .columns, .charts { grid-template-columns: 1fr; }
  .gallery { grid-template-columns: 1fr; }
}
@media print {
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  section { margin-top: 26px; padding-top: 14px; }
  h2, .lede, caption { break-after: avoid; }
  tr, .panel, .heat, .columns, .tiles { break-inside: avoid; }
  .scroll { overflow: visible; }
  details::details-content { content-visibility: visible; height: auto; }
  .gallery { grid-template-columns: 1fr 1fr; gap: 16px; }
}
`
