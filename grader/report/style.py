"""The style of the pages: light and dark, wide and narrow, on paper."""

STYLE = """
:root {
  color-scheme: light dark;
  --page: #fff; --text: #1c1e21; --quiet: #5b626b; --line: #d8dce1; --soft: #f3f5f7;
  --done: #1a7f37; --progress: #b35900; --blocked: #7b3fb5; --none: #aab1ba; --bad: #c0262d; --hint: #8a5a00;
  --link: #0b5cad;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --text: #e4e7ea; --quiet: #9aa3ad; --line: #363c43; --soft: #1e2226;
    --done: #4cc26b; --progress: #f0a04b; --blocked: #c39bf0; --none: #59616b; --bad: #ff7b7f; --hint: #e5b85c;
    --link: #7db8f5;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.25rem; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .5rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
p { margin: .4rem 0; }
a { color: var(--link); }
.quiet { color: var(--quiet); }
.small { font-size: .875rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th { text-align: left; color: var(--quiet); font-weight: 600; font-size: .8125rem; }
th, td { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top;
  overflow-wrap: break-word; }
tr:last-child td, tr:last-child th { border-bottom: 0; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
th.number { text-align: right; }
.done { color: var(--done); } .progress { color: var(--progress); } .blocked { color: var(--blocked); }
.none { color: var(--quiet); }
.bad { color: var(--bad); } .good { color: var(--done); } .hint { color: var(--hint); }
.figures { display: flex; flex-wrap: wrap; gap: .5rem 2.25rem; margin: 1rem 0 0; padding: 0; list-style: none; }
.figures b { display: block; font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.figures li { color: var(--quiet); font-size: .875rem; }
.figures b { color: var(--text); }
.label { white-space: nowrap; } .bars { width: 75%; }
.bar { display: flex; height: .8rem; min-width: 5rem; margin-top: .35rem; background: var(--soft);
  border: 1px solid var(--line); }
.bar span { display: block; height: 100%; }
.bar .is-done { background: var(--done); } .bar .is-progress { background: var(--progress); }
.bar .is-blocked { background: var(--blocked); } .bar .is-none { background: transparent; }
.key { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; color: var(--quiet); font-size: .875rem; }
.key i { display: inline-block; width: .8rem; height: .8rem; margin-right: .4rem; border: 1px solid var(--line); }
pre { margin: .5rem 0; padding: .5rem .75rem; background: var(--soft); border-left: 3px solid var(--line);
  font: .8125rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre span { display: block; white-space: pre-wrap; padding-left: 8ch; text-indent: -8ch; }
pre .marked { color: var(--bad); font-weight: 600; }
.lines { display: grid; grid-template-columns: fit-content(14rem) 1fr; gap: .15rem .9rem; margin: .5rem 0;
  font-size: .9375rem; }
.lines dt { color: var(--quiet); grid-column: 1; }
.lines dd { margin: 0; white-space: pre-wrap; min-width: 0; grid-column: 2; }
.lines dt.urgent { color: var(--bad); font-weight: 600; }
.mono { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .8125rem; }
.who { overflow-wrap: anywhere; min-width: 5rem; } td .mono { overflow-wrap: anywhere; }
article { margin: 1.25rem 0; padding-top: .25rem; break-inside: avoid-page; }
footer { margin-top: 2.5rem; padding-top: .5rem; border-top: 1px solid var(--line); color: var(--quiet);
  font-size: .8125rem; }
.next { margin: 1.25rem 0 0; padding: .75rem 1rem; background: var(--soft); border-left: 4px solid var(--link); }
.next h2 { margin: 0 0 .25rem; padding: 0; border: 0; font-size: 1rem; }
.tasks h2 { display: flex; flex-wrap: wrap; align-items: baseline; column-gap: 1rem; }
.tasks h2 .number { margin-left: auto; font-weight: 400; font-size: 1rem; } .tasks .number { white-space: normal; }
details { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; padding: .35rem 0; }
.tasks summary { display: grid; grid-template-columns: 1rem 2.75rem minmax(0, 1fr) 10rem 7.5rem 6rem; gap: 0 .5rem; }
.files summary { list-style: none; }
.files summary::before, .tasks summary::before { content: "+"; content: "+" / ""; color: var(--quiet);
  padding-right: .25rem; }
.files [open] > summary::before, .tasks [open] > summary::before { content: "−"; content: "−" / ""; }
.tasks summary .checks { color: var(--quiet); text-align: right; }
[open] > summary .title { font-weight: 600; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.inside { padding: .25rem 0 1rem 1.5rem; }
.pictures { display: flex; flex-wrap: wrap; gap: 1.5rem 2.5rem; align-items: flex-start; }
figure { margin: 0; max-width: 100%; } figure p { max-width: 20rem; } figure > svg { display: block; }
figcaption { font-weight: 600; margin-bottom: .35rem; }
.is-table table { width: auto; } figure .wide { max-width: 34rem; margin-top: .5rem; }
svg { max-width: 100%; } svg text { fill: var(--text); font-size: 12px; }
figure > svg { height: auto; } .key svg { vertical-align: middle; }
ul.key, .digits { list-style: none; margin: .35rem 0; padding: 0; max-width: 20rem; }
.digits { display: flex; gap: 1rem; max-width: none; flex-wrap: wrap; } .digits svg, .digits span { display: block; }
.digit { border: 1px solid var(--line); } .ink { fill: var(--text); }
.axis { fill: none; stroke: var(--none); } .line { fill: none; stroke: var(--text); stroke-width: 2; }
.line-1 { stroke: var(--link); } .line-2 { stroke: var(--progress); }
.map { border: 1px solid var(--line); } .area { fill: var(--page); } .area-1 { fill: var(--soft); }
.hatch { fill: none; stroke: var(--none); }
.point { stroke: var(--page); stroke-width: .75; fill: var(--text); } .point-1 { fill: var(--link); }
.point-2 { fill: var(--blocked); } .misread { fill: none; stroke: var(--bad); stroke-width: 2; }
.written { white-space: pre-wrap; overflow-wrap: anywhere; }
.symbols { font-variant-numeric: tabular-nums; }
.symbols span { display: inline-grid; vertical-align: top; margin-right: .15em; }
del { color: var(--bad); } ins { color: var(--done); text-decoration: none; }
@media (max-width: 40rem) {
  body { padding: .9rem; }
  .lines { grid-template-columns: minmax(0, 1fr); gap: 0; } .lines dd { margin-bottom: .4rem; grid-column: 1; }
  .tasks summary { grid-template-columns: 1rem 2.5rem minmax(0, 1fr) auto; }
  .tasks summary .state { grid-column: 3; }
  .tasks summary .checks { display: none; }
  .tasks summary .title { grid-column: 3 / -1; } .inside { padding-left: 0; }
  td, th { padding-right: .5rem; }
  .desk { display: none; } .bars { width: 45%; }
}
@media print {
  :root { color-scheme: light; --page: #fff; --text: #000; --quiet: #444; --line: #bbb; --soft: #f5f5f5;
    --done: #1a7f37; --progress: #b35900; --blocked: #7b3fb5; --none: #999; --bad: #a01319; --hint: #6b4600;
    --link: #000; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  .bar, .bar span, .key i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  details::details-content { content-visibility: visible; height: auto; }
  .extra { display: none; }
  h2, h3, .key, summary { break-after: avoid; } tr, figure { break-inside: avoid; } .wide { overflow: visible; }
}
"""
