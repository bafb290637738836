/** The page's only style sheet. Contrast of text and its ground is at least 4.5 in both schemes (tested with axe in a browser). */
export const STYLE = `
:root{color-scheme:light dark;--ground:#fff;--panel:#f5f6f8;--line:#d3d8de;--text:#1b1f24;--muted:#545c66;--faint:#c5cbd3;--link:#0a58b8;
--base:#6b5bb5;--head:#b4530a;--bad:#b42318;--good:#17703a;--warn:#8a5a00;--fault:#f0c36d55;--plot-background:var(--ground)}
@media (prefers-color-scheme:dark){:root{--ground:#14171b;--panel:#1e2329;--line:#3a424c;--text:#e6e9ed;--muted:#a8b1bc;--faint:#4a535e;--link:#7db8ff;
--base:#b3a4f5;--head:#f3a35c;--bad:#ff8a80;--good:#6fd195;--warn:#e9bd62;--fault:#e9bd6233}}
*{box-sizing:border-box}
html{scroll-behavior:smooth}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0 auto;max-width:64rem;padding:1rem 1rem 4rem;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--ground);padding:.5rem}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0}
h2{font-size:1.2rem;margin:2.5rem 0 .75rem;padding-top:.5rem;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:1.5rem 0 .5rem}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;padding:0;margin:1rem 0}
.verdict{border-left:.5rem solid var(--muted);padding:.1rem 0 .1rem 1rem}
.verdict.regressed{border-color:var(--bad)}.verdict.pass{border-color:var(--good)}.verdict.inconclusive{border-color:var(--warn)}
.told,.note{color:var(--muted);font-size:.9rem}
code,pre{font:.875rem/1.45 ui-monospace,monospace}
pre{background:var(--panel);padding:.75rem;overflow-x:auto;white-space:pre-wrap}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;font-size:.9rem;margin:.5rem 0;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);overflow-wrap:normal}
thead th{background:var(--panel);position:sticky;top:0}
caption{text-align:left;font-weight:600;padding:.25rem 0}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.grid td{white-space:nowrap}
.regressed-cell,.no-cell{color:var(--bad);font-weight:600}.improved-cell{color:var(--good)}.open-cell{color:var(--warn)}
figure{margin:1.25rem 0}
figcaption{font-weight:600}
figure svg{display:block;min-width:40rem;max-width:100%;height:auto;color:var(--text)}
figure svg text{white-space:pre}
details{margin:.5rem 0}
summary{cursor:pointer;padding:.25rem 0}
ul.findings{padding-left:1.2rem}ul.findings>li{margin:.5rem 0}
footer{margin-top:3rem;color:var(--muted);font-size:.85rem}
@media print{body{max-width:none;font-size:11px}nav,.skip{display:none}.scroll{overflow:visible}figure,tr{break-inside:avoid}figure svg{min-width:0;width:100%}
h2{break-after:avoid}:root{--ground:#fff;--panel:#f5f6f8;--line:#bbb;--text:#000;--muted:#444;--base:#6b5bb5;--head:#b4530a;--bad:#b42318;--good:#17703a;--warn:#8a5a00}}
`;
