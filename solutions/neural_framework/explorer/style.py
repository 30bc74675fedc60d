"""The page's style: light and dark, wide and narrow, on paper."""

STYLE = """
:root { color-scheme: light; --ink: #1a1a2e; --paper: #ffffff; --soft: #f1f3f8; --line: #646b7d; --blue: #174ea6;
  --green: #0b6b3a; --red: #b3122d; --mark: #fff1b8; }
:root.dark { color-scheme: dark; --ink: #e8eaf2; --paper: #14161f; --soft: #222634; --line: #98a1b8; --blue: #8ab4ff;
  --green: #6fd39a; --red: #ff8f9c; --mark: #4a3f10; }
@media (prefers-color-scheme: dark) { :root:not(.light) { color-scheme: dark; --ink: #e8eaf2; --paper: #14161f;
  --soft: #222634; --line: #98a1b8; --blue: #8ab4ff; --green: #6fd39a; --red: #ff8f9c; --mark: #4a3f10; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1500px; padding: 0 16px 16px; font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif;
  color: var(--ink); background: var(--paper); }
h1 { font-size: 1.4rem; line-height: 1.3; margin: 16px 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 0 0 8px; }
header p { margin: 0 0 8px; }
button, input { font: inherit; color: inherit; }
.bar { display: flex; flex-wrap: wrap; gap: 6px; position: sticky; top: 0; z-index: 2; padding: 8px 0;
  background: var(--paper); border-bottom: 1px solid var(--line); }
button { padding: 5px 10px; border: 1px solid var(--line); border-radius: 6px; background: var(--soft);
  cursor: pointer; }
button[aria-pressed=true] { background: var(--blue); color: var(--paper); border-color: var(--blue); }
:focus-visible { outline: 3px solid var(--blue); outline-offset: 1px; }
input[type=range] { flex: 1 1 160px; min-width: 120px; accent-color: var(--blue); }
input[type=text] { width: 9em; padding: 4px 8px; border: 1px solid var(--line); border-radius: 6px;
  background: var(--paper); }
main { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 16px; margin-top: 12px; }
section { min-width: 0; border: 1px solid var(--line); border-radius: 8px; padding: 12px; }
.now, .picture { grid-column: 1 / -1; }
.now { min-height: 12em; }
.say { margin: 0 0 8px; font-size: 1.1rem; overflow-wrap: anywhere; }
.ask form { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin-bottom: 8px; }
.answer { margin: 0 0 8px; padding: 6px 10px; background: var(--mark); border-radius: 6px; }
.trouble { margin: 0; padding: 0; list-style: none; }
.trouble li { color: var(--red); border-left: 6px double var(--red); padding-left: 10px; margin-bottom: 6px;
  overflow-wrap: anywhere; }
.live { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); margin: 0; }
.scroll { overflow-x: auto; }
.list > ol > li, .list ol ol > li { content-visibility: auto; contain-intrinsic-height: auto 34px; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: left; padding-bottom: 4px; }
th, td { text-align: left; padding: 3px 10px 3px 0; border-bottom: 1px solid var(--soft); vertical-align: top; }
tbody th { font-weight: 600; }
td { font-variant-numeric: tabular-nums; }
tr.bad td, tr.bad th { color: var(--red); }
.steps { position: relative; margin: 0; padding: 0; list-style: none; max-height: 75vh; overflow-y: auto; }
.steps ol { list-style: none; padding-left: 12px; margin: 0; }
.steps button { display: block; width: 100%; text-align: left; border: 0; border-left: 4px solid transparent;
  border-radius: 0; background: none; overflow-wrap: anywhere; font-size: .9rem; }
.steps button[aria-current] { background: var(--mark); border-color: var(--blue); }
.steps p { margin: 0 0 4px 14px; color: var(--red); font-size: .85rem; overflow-wrap: anywhere; }
.steps .bad > button { border-left: 6px double var(--red); }
summary { cursor: pointer; padding: 4px; font-size: .9rem; }
.drawing { overflow: auto; max-height: 70vh; }
.legend, .views { font-size: .85rem; margin: 8px 0; }
dialog { color: var(--ink); background: var(--paper); border: 1px solid var(--line); border-radius: 8px;
  max-width: min(92vw, 30em); }
dialog::backdrop { background: #0008; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 4px 16px; }
dt { font-weight: 600; }
dd { margin: 0; }
svg { display: block; font-size: 13px; }
svg text { fill: var(--ink); }
svg .box { fill: var(--soft); stroke: var(--line); }
svg .op { fill: var(--paper); stroke: var(--line); }
svg .group { fill: var(--soft); stroke: var(--line); stroke-width: 3; }
svg .now { fill: var(--mark); stroke: var(--blue); stroke-width: 3; }
svg .waits { stroke-dasharray: 5 4; stroke: var(--red); }
svg .wire { fill: none; stroke: var(--line); stroke-width: 1.5; }
svg .flowed { stroke: var(--green); stroke-width: 2.5; }
svg .active { stroke: var(--blue); stroke-width: 3.5; }
svg .wrong { stroke: var(--red); stroke-width: 6; }
svg .gap { fill: none; stroke: var(--paper); stroke-width: 2.5; }
svg .grad { fill: var(--green); }
svg .label { fill: var(--blue); paint-order: stroke; stroke: var(--paper); stroke-width: 4px; }
svg .label.off { fill: var(--red); }
svg .tap { cursor: pointer; }
svg .name { font-weight: 600; }
select { font: inherit; color: inherit; max-width: 100%; padding: 4px 8px; border: 1px solid var(--line);
  border-radius: 6px; background: var(--soft); }
@media (max-width: 900px) { main { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 600px) { body { padding: 0 10px 190px; }
  .bar { position: fixed; top: auto; bottom: 0; left: 0; right: 0; padding: 8px 10px;
  border-top: 1px solid var(--line); border-bottom: 0; }
  .bar button { flex: 1 1 auto; padding: 6px 6px; font-size: .85rem; } .steps { max-height: none; } }
@media (prefers-reduced-motion: no-preference) { svg rect, svg path { transition: stroke .2s, fill .2s; } }
@media print { .bar, .picture, .ask, .now { display: none; } .steps { max-height: none; overflow: visible; }
  main { display: block; } section { border: 0; } details > ol { display: block; } body { color: #000;
  background: #fff; } }
"""
