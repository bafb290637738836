/** The page's only style sheet. Contrast of text and its ground is at least 4.5 in both schemes (tested with axe in a browser). */
export const STYLE = `
:root{color-scheme:light dark;--ground:#fff;--panel:#f5f6f8;--line:#d3d8de;--text:#1b1f24;--muted:#545c66;--faint:#c5cbd3;--link:#0a58b8;
--base:#6b5bb5;--head:#b4530a;--bad:#b42318;--bad-ground:#fdecea;--good:#17703a;--warn:#8a5a00;--plot-background:var(--ground)}
@media (prefers-color-scheme:dark){:root{--ground:#14171b;--panel:#1e2329;--line:#3a424c;--text:#e6e9ed;--muted:#a8b1bc;--faint:#4a535e;--link:#7db8ff;
--base:#b3a4f5;--head:#f3a35c;--bad:#ff8a80;--bad-ground:#3a1f20;--good:#6fd195;--warn:#e9bd62}}
*{box-sizing:border-box}
html{scroll-behavior:smooth}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0 auto;max-width:70rem;padding:1rem 1rem 4rem;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.scroll:focus-visible,pre:focus-visible{outline-offset:-3px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--ground);padding:.5rem;z-index:3}
p,li,pre{max-width:85ch}
h1{font-size:1.6rem;line-height:1.25;margin:.25rem 0 .5rem}
h2{font-size:1.25rem;line-height:1.3;margin:2.5rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:1.5rem 0 .5rem}
main>section:first-child h2{margin-top:1.25rem}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;margin:1rem 0 0;font-size:.9rem}
nav li{padding:.15rem 0}
.verdict{border-left:.5rem solid var(--muted);padding:.1rem 0 .1rem 1rem}
.verdict p{margin:.5rem 0;font-size:1.05rem}
.verdict.regressed{border-color:var(--bad)}.verdict.pass{border-color:var(--good)}.verdict.inconclusive{border-color:var(--warn)}
.told,.note{color:var(--muted);font-size:.9rem}
.marks{position:absolute}
.mark{width:.85em;height:.85em;vertical-align:-.06em;fill:currentColor}
.mark-ok,.mark-better{color:var(--good)}.mark-bad,.mark-stop{color:var(--bad)}.mark-warn{color:var(--warn)}.mark-note,.mark-none,.mark-skipped{color:var(--muted)}
.mark-accepted,.mark-new{color:var(--link)}
.legend{display:inline-block;margin-left:.75rem}
code,pre{font:.875rem/1.45 ui-monospace,monospace}
pre{background:var(--panel);padding:.6rem .75rem;margin:.5rem 0;overflow-x:auto;white-space:pre-wrap}
.scroll{position:relative;overflow:auto;max-width:100%;max-height:90vh}
table{border-collapse:separate;border-spacing:0;font-size:.9rem;margin:.5rem 0;min-width:min(100%,24rem);font-variant-numeric:tabular-nums}
th,td{padding:.3rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);overflow-wrap:break-word;max-width:24rem}
th[scope=row]{min-width:9rem;max-width:16rem;overflow-wrap:anywhere;background:var(--ground)}
th[scope=row],thead th:first-child{position:sticky;left:0;z-index:1}
thead th,thead td{background:var(--panel);position:sticky;top:0;z-index:1;vertical-align:bottom;line-height:1.3}thead th:first-child{z-index:2}
thead th:first-child::first-letter{text-transform:uppercase}
caption{text-align:left;font-weight:600;padding:.25rem 0}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.grid{min-width:100%}.grid td{white-space:nowrap}.narrow{display:none}
.regressed-cell{color:var(--bad);font-weight:600}.improved-cell{color:var(--good)}.open-cell{color:var(--warn)}
.grid .ok-cell,.quiet-cell{color:var(--muted)}td.regressed-cell{background:var(--bad-ground)}
figure{margin:1.25rem 0}
figcaption{font-weight:600}
figure svg{display:block;min-width:40rem;max-width:100%;height:auto;color:var(--text)}
figure svg text{white-space:pre}
details{margin:.5rem 0}
summary{cursor:pointer;padding:.35rem 0;color:var(--link)}
ul.findings{padding-left:0;list-style:none}ul.findings>li{margin:.6rem 0}
footer{margin-top:3rem;color:var(--muted);font-size:.85rem}
@media (max-width:40rem){h1{font-size:1.35rem}
.scroll>table:not(.stacks){width:max-content;max-width:none}
th,td{max-width:13rem;padding:.3rem .5rem}th[scope=row]{min-width:6rem;max-width:8.5rem}.narrow{display:block;font-weight:400;color:var(--muted)}
.stacks,.stacks tbody,.stacks tr,.stacks th[scope=row],.stacks td{display:block;min-width:0;max-width:none;white-space:normal}.stacks thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stacks tr{border-bottom:1px solid var(--line);padding:.4rem 0}.stacks th[scope=row],.stacks td{position:static;border:0;padding:.1rem .25rem}.grid .empty-cell,.grid .ok-cell{display:none}
.stacks td::before{content:attr(data-column)": ";color:var(--muted);font-weight:400}}
@media print{body{max-width:none;padding:0;font-size:11px}nav,.skip{display:none}.scroll{overflow:visible;max-height:none}table{font-size:9px}th,td{padding:.15rem .3rem;overflow-wrap:anywhere}th[scope=row]{min-width:4rem}
thead th,th[scope=row]{position:static}figure,tr{break-inside:avoid}figure svg{min-width:0;width:100%}.grid td{white-space:normal}
h2,h3,summary{break-after:avoid}:root{--ground:#fff;--panel:#f5f6f8;--line:#bbb;--text:#000;--muted:#444;--faint:#c5cbd3;--link:#0a58b8;--base:#6b5bb5;--head:#b4530a;--bad:#b42318;--bad-ground:#fdecea;--good:#17703a;--warn:#8a5a00}}
`;
