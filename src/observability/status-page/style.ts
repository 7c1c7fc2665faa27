/** The status page's look: follows the reader's light or dark setting, uses no font of its own. */

export const statusStyle = `
:root {
  --paper: #f6f7f9; --card: #ffffff; --ink: #16202c; --soft: #5c6b7c; --line: #e2e7ee;
  --good: #0d9488; --final: #94b8b4; --bad: #e11d48; --warn: #b45309; --bad-paper: #fff1f3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0d131a; --card: #151d27; --ink: #e6edf5; --soft: #8fa0b3; --line: #263241;
    --good: #2dd4bf; --final: #2f5f5c; --bad: #fb7185; --warn: #fbbf24; --bad-paper: #2a161d;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1240px; padding: 28px 24px 40px; background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 16px; margin-bottom: 20px; }
h1 { margin: 0; font-size: 26px; letter-spacing: -0.02em; }
.tagline { margin: 0; color: var(--soft); flex: 1; min-width: 16em; }
.process { margin: 0; color: var(--soft); display: flex; gap: 12px; align-items: center; }
.pill { padding: 2px 11px; border-radius: 99px; font-size: 13px; font-weight: 600; color: var(--soft); border: 1px solid currentColor; }
.pill.good { color: var(--good); } .pill.warn { color: var(--warn); } .pill.bad { color: var(--bad); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 20px 22px; margin-bottom: 18px; }
.card > .top { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; }
.card h2 { margin: 0; font-size: 19px; }
.card .about { color: var(--soft); flex: 1; }
.error { margin: 14px 0 0; padding: 10px 14px; border-radius: 9px; background: var(--bad-paper); color: var(--bad); white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 14px 20px; margin: 18px 0 16px; }
dt { color: var(--soft); font-size: 13px; }
dd { margin: 0; font-size: 22px; font-weight: 600; letter-spacing: -0.01em; font-variant-numeric: tabular-nums; white-space: nowrap; }
dd small { font-size: 13px; font-weight: 400; color: var(--soft); letter-spacing: 0; }
.forks { border: 1px solid var(--line); border-radius: 10px; overflow: hidden; background: var(--paper); }
.forks svg { display: block; width: 100%; height: auto; }
.link { fill: none; stroke: var(--good); stroke-width: 2; opacity: .55; }
.link.retracted { stroke: var(--bad); stroke-dasharray: 3 3; }
.block { fill: var(--good); } .block.final { fill: var(--final); }
.block.retracted { fill: var(--bad-paper); stroke: var(--bad); stroke-width: 1.6; }
.cross { stroke: var(--bad); stroke-width: 1.6; }
.head { fill: none; stroke: var(--good); stroke-width: 2; }
.height { fill: var(--soft); font-size: 11px; text-anchor: middle; font-variant-numeric: tabular-nums; }
.tablewrap { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin-top: 14px; font-size: 14px; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: 13px; padding-bottom: 4px; }
th, td { text-align: left; padding: 6px 14px 6px 0; border-top: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 500; }
td.bad { color: var(--bad); font-weight: 600; }
code { font: 13px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.empty { color: var(--soft); }
footer { display: flex; flex-wrap: wrap; gap: 8px 18px; color: var(--soft); font-size: 13px; align-items: center; }
footer nav { margin-left: auto; display: flex; gap: 16px; } a { color: inherit; }
.legend { display: flex; gap: 7px; align-items: center; }
.key { width: 12px; height: 12px; border-radius: 4px; background: var(--good); display: inline-block; }
.key.final { background: var(--final); } .key.retracted { background: var(--bad-paper); border: 1.6px solid var(--bad); }
`;
