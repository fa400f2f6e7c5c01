/**
 * The page's style sheet: system fonts, two themes, one column that fits a phone, a sheet of paper, and a wide screen.
 * Blue and orange stay apart for every common kind of colour blindness; nothing is told by colour alone.
 */

export const STYLE = `
:root{color-scheme:light dark;--page:#f6f7f8;--paper:#ffffff;--ink:#1b2026;--muted:#57606b;--line:#dde1e6;--blue:#1c6bb0;--orange:#b45309;--grey:#7b848f;--teal:#0f766e;--tint:#eef2f6;--chip:#e4e8ed;
--font:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media screen and (prefers-color-scheme:dark){:root{--page:#101317;--paper:#171b20;--ink:#e4e8ec;--muted:#a2abb6;--line:#2d343c;--blue:#6fb3f2;--orange:#f0a35a;--grey:#8d96a1;--teal:#4fb8ab;--tint:#1e242b;--chip:#2b323a}}
*{box-sizing:border-box}
html{scroll-padding-top:5.25rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 var(--font);font-variant-numeric:tabular-nums}
header,main,footer{max-width:1080px;margin:0 auto;padding:0 1.25rem}
body.list>header,body.list>main{max-width:1320px}
header{padding-top:2rem;padding-bottom:.5rem}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem;letter-spacing:-.015em;font-weight:650}
h2{font-size:1.25rem;line-height:1.3;margin:0;letter-spacing:-.01em;font-weight:650;display:inline}
h3{font-size:1rem;margin:1.75rem 0 .5rem;font-weight:650}
p{margin:.5rem 0}
.sub{color:var(--muted);margin:0}
.small,.none{color:var(--muted);font-size:.875rem}
.banner{border-left:4px solid var(--orange);background:var(--tint);padding:.65rem 1rem;margin:1rem 0 0;border-radius:0 6px 6px 0}
.banner.good{border-color:var(--blue)}
nav{position:sticky;top:0;z-index:2;background:var(--page);border-bottom:1px solid var(--line);margin-top:1rem}
nav ul{max-width:1080px;margin:0 auto;padding:.3rem 1.25rem;display:flex;flex-wrap:wrap;gap:0 1.1rem;list-style:none}
nav li{margin:0}
nav a{display:block;padding:.3rem 0;color:var(--muted);text-decoration:none;white-space:nowrap;font-size:.875rem}
a{color:var(--blue)}
nav a:hover,nav a:focus-visible{color:var(--ink);text-decoration:underline}
section{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:1.25rem 1.4rem 1.4rem;margin:1.1rem 0}
section>.head{display:flex;flex-wrap:wrap;gap:.3rem .7rem;align-items:center}
.meaning,.verdict{text-wrap:pretty}
.meaning{color:var(--muted);max-width:46rem;margin:.35rem 0 1rem}
.verdict{font-size:1.0625rem;max-width:50rem}
.badge{display:inline-block;font-size:.75rem;line-height:1.35;font-weight:600;padding:.08rem .5rem;border-radius:99px;background:var(--chip);color:var(--ink);white-space:nowrap}
.badge.good{background:var(--blue);color:var(--paper)}
.badge.bad{background:var(--orange);color:var(--paper)}
.badge.simulated{background:transparent;color:var(--orange);box-shadow:inset 0 0 0 1.5px var(--orange)}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.25rem,1fr));gap:.75rem;margin:1.1rem 0}
.tile{background:var(--tint);border-radius:8px;padding:.7rem .7rem}
.tile .name{font-size:.8125rem;color:var(--muted)}
.tile .big{font-size:1.5rem;line-height:1.3;font-weight:650;letter-spacing:-.01em}
.tile .under{font-size:.8125rem;color:var(--muted)}
.na{color:var(--muted)}
.scroll{overflow-x:auto;margin:.6rem 0 1rem;scrollbar-width:thin}
table{border-collapse:collapse;width:100%;font-size:.875rem}
caption{text-align:left;font-weight:600;padding:.6rem 0 .35rem}
th,td{padding:.36rem .7rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;font-weight:400}
th:first-child,td:first-child{padding-left:0}
th:last-child,td:last-child{padding-right:0}
thead th .note{font-weight:400}
thead th{font-weight:600;color:var(--muted);vertical-align:bottom;border-bottom-color:var(--grey)}
.nowrap{white-space:nowrap}
.num{text-align:right;white-space:nowrap}
.num .note,.num .na,thead .num{white-space:normal}
.num .interval{white-space:nowrap}
.wide{min-width:13rem}
tbody th{min-width:5.5rem}
.interval,.note{display:block;color:var(--muted);font-size:.8125rem}
.note{max-width:26rem}
.num .note{margin-left:auto;max-width:15rem}
td:has(>.heat){padding-left:0;padding-right:.2rem}
.heat{display:block;margin:-.2rem 0;padding:.2rem;border-radius:4px;font-size:.8125rem}
.heat.up{background:color-mix(in srgb,var(--blue) var(--heat),transparent)}
.heat.down{background:color-mix(in srgb,var(--orange) var(--heat),transparent)}
code{font-family:var(--mono);font-size:.8125rem}
.hash{overflow-wrap:anywhere}
details{margin:.5rem 0 1rem}
summary{cursor:pointer;color:var(--blue);font-size:.875rem}
figure.chart{margin:.25rem 0 .5rem}
figure.chart .live{height:var(--height);width:100%}
figure.chart .static{overflow-x:auto}
figure.chart svg{display:block;width:100%;min-width:34rem;height:auto}
figure.chart .live svg{min-width:0}
figure.chart.drawn .static{display:none}
ul{padding-left:1.2rem;max-width:50rem}
li{margin:.35rem 0}
footer{color:var(--muted);font-size:.8125rem;padding-top:.5rem;padding-bottom:2.5rem}
:focus-visible{outline:2px solid var(--blue);outline-offset:2px}
@media (max-width:640px){html{scroll-padding-top:.5rem}nav{position:static}nav ul{gap:0 .9rem}nav a{padding:.45rem 0}header,main,footer{padding-left:.8rem;padding-right:.8rem}nav ul{padding-left:.8rem;padding-right:.8rem}section{padding:1rem .9rem;border-radius:8px}h1{font-size:1.4rem}.tiles{grid-template-columns:repeat(2,1fr);gap:.55rem}.tile{padding:.55rem .65rem}.tile .big{font-size:1.25rem}.wide{min-width:8.5rem}th,td{padding:.34rem .5rem}.num .interval{white-space:normal}}
@media print{.tiles{grid-template-columns:repeat(3,1fr)}.badge{font-size:7.5pt}body{background:#fff;font-size:10.5pt}nav{display:none}header,main,footer{max-width:none;padding:0}section{border:0;border-top:1px solid var(--line);border-radius:0;padding:.8rem 0}figure.chart .live{display:none!important}figure.chart.drawn .static{display:block;overflow:visible}figure.chart svg{min-width:0}figure,tr,.tile{break-inside:avoid}h2,h3,.meaning,.verdict{text-wrap:pretty}
.meaning{break-after:avoid}.scroll{overflow:visible}table{font-size:8pt}th,td{padding:.2rem .35rem}.num{white-space:normal}.badge,.heat,.tile,.banner{print-color-adjust:exact;-webkit-print-color-adjust:exact}summary{color:var(--muted)}}
`
