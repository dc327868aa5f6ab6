// The report's style sheet: light and dark, narrow and wide, screen and paper. Nothing is fetched.

/** CSS, inlined into the page. */
export const style = `
:root{color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#16202c;--soft:#5a6676;--faint:#8a94a3;--rule:#e3e7ec;--shade:#f0f3f6;
--federated:#0d7f74;--centralised:#5063c9;--alone:#c9781a;--other-0:#b83d6d;--other-1:#2d87b8;--other-2:#7d5ab5;--other-3:#6f8a1f;--other-4:#c2452d;--other-5:#3f6f5b;--other-6:#9c6b3f;--other-7:#56606e;--warn:#8a5a00;--warn-paper:#fff6e0;--warn-rule:#f0d48a}
@media(prefers-color-scheme:dark){:root{--paper:#0f141a;--card:#171e27;--ink:#e7ecf2;--soft:#a3afbd;--faint:#78848f;--rule:#2a343f;--shade:#1e2732;
--federated:#35bfae;--centralised:#8d9cf5;--alone:#eaa54d;--other-0:#ee7ba6;--other-1:#62b8e6;--other-2:#b394e8;--other-3:#b5d05a;--other-4:#f58a72;--other-5:#86c9ab;--other-6:#d6a577;--other-7:#a9b4c2;--warn:#f0c96a;--warn-paper:#2a2312;--warn-rule:#5c4a1c}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"PingFang SC","PingFang TC","Microsoft YaHei","Microsoft JhengHei","Noto Sans CJK SC","Noto Sans CJK TC",sans-serif}
main{max-width:1060px;margin:0 auto;padding:36px 22px 60px}
header{margin-bottom:26px}
.brand{font-weight:600;letter-spacing:.02em;color:var(--federated);font-size:14px}
h1{font-size:30px;line-height:1.2;margin:6px 0 4px;letter-spacing:-.01em}
h2{font-size:18px;margin:0 0 4px}
p{margin:0 0 10px}
.note{color:var(--soft);font-size:13.5px;max-width:86ch}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:14px;margin:22px 0}
.tile,section{background:var(--card);border:1px solid var(--rule);border-radius:14px}
.tile{padding:16px 18px;border-top:3px solid var(--tone,var(--rule))}
.tile .name{color:var(--soft);font-size:13.5px}
.tile .big{font-size:32px;font-weight:650;line-height:1.25;font-variant-numeric:tabular-nums;letter-spacing:-.01em}
.tile .under{color:var(--soft);font-size:13px}
.verdict{margin:0 0 22px;padding:0;list-style:none}
.verdict li{padding:3px 0 3px 16px;position:relative}
.verdict li::before{content:"";position:absolute;left:0;top:12px;width:7px;height:7px;border-radius:50%;background:var(--federated)}
section{padding:22px 24px;margin:0 0 18px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:18px 30px;align-items:start}
.trio{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,290px),1fr));gap:10px 22px}
h3{font-size:14px;margin:12px 0 2px;color:var(--soft);font-weight:600}
svg{display:block;width:100%;height:auto;font:12px system-ui,-apple-system,"Segoe UI",Roboto,Arial,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
.wide svg{min-width:600px}
.grid{stroke:var(--rule)}.axis{stroke:var(--faint)}.tick{fill:var(--faint);font-variant-numeric:tabular-nums}.label{fill:var(--soft)}
.name{fill:var(--ink)}.strong{font-weight:650}.value{fill:var(--ink);font-variant-numeric:tabular-nums}.value .faint{fill:var(--faint);font-size:11px}
.line{fill:none;stroke-width:2.4;stroke-linecap:round;stroke-linejoin:round}.thin{stroke-width:1.2;opacity:.6}
.whisker{stroke:var(--ink);stroke-width:1.2}.ideal{stroke:var(--faint);stroke-dasharray:4 4}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin:8px 0 4px;font-size:13.5px;color:var(--soft)}
.dot{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:7px}
.scroll{overflow-x:auto;margin-top:10px}
table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:6px 9px;white-space:nowrap;font-weight:400;vertical-align:baseline}
thead th{color:var(--soft);font-size:12.5px;border-bottom:1px solid var(--faint);white-space:normal;vertical-align:bottom}
tbody tr{border-bottom:1px solid var(--rule)}tbody tr:has(+tr>th:empty){border-bottom-color:transparent}
tbody th{font-weight:600}
.number{text-align:right}small{color:var(--faint);font-size:12px}
.measures th,.measures td{padding:5px 6px}.measures td small{display:block;line-height:1.1;font-size:11px}.measures tbody tr>*{vertical-align:top}
table.confusion{width:auto}table.confusion small{color:inherit}table.confusion tr{border-bottom-width:0}table.confusion td,table.confusion thead th{text-align:center;padding:10px 16px}
.shield{background:var(--warn-paper);border:1px solid var(--warn-rule);color:var(--warn);border-radius:10px;padding:10px 14px;margin:8px 0;font-weight:550}
pre{background:var(--shade);border-radius:10px;padding:14px 16px;overflow-x:auto;font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
code{font:12.5px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;margin:10px 0;font-size:13.5px}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
footer{color:var(--faint);font-size:13px;margin-top:24px}
@media(max-width:640px){main{padding:22px 12px}section{padding:16px 14px}h1{font-size:24px}}
@media print{:root{color-scheme:light;--paper:#fff;--card:#fff;--ink:#111;--soft:#444;--faint:#777;--rule:#ccc;--shade:#f4f4f4;--federated:#0d7f74;--centralised:#5063c9;--alone:#c9781a}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}body{font-size:11.5px}main{max-width:none;padding:0}section,.tile{break-inside:avoid;border-radius:0}.scroll{overflow:visible}
section.long{break-inside:auto}tr{break-inside:avoid}h2{break-after:avoid}th,td{padding:4px 6px}pre{white-space:pre-wrap}}
`
