import { createHash } from 'node:crypto';

/*
 * One stylesheet for all pages, without a framework. In this order: colours, elements, frame, parts, tables, filters, facts, story,
 * charts, narrow, print.
 */

const COLOURS = `:root{color-scheme:light dark}:root[data-theme=light]{color-scheme:light}:root[data-theme=dark]{color-scheme:dark}:root{
--bg:light-dark(#f5f5f2,#0f1013);--surface:light-dark(#fff,#17181c);--raise:light-dark(#f8f8f6,#1e2025);
--rule:light-dark(#e7e7e3,#292b31);--rule-2:light-dark(#cfcfca,#3c3f47);--ink:light-dark(#17181c,#ececee);--ink-2:light-dark(#565860,#a6a8b1);
--edge:light-dark(#7e8088,#7f828c);--accent:light-dark(#2a48c8,#93a9ff);--on-accent:light-dark(#fff,#10131f);
--ok:light-dark(#17704a,#56c08d);--go:light-dark(#1f62ad,#74b2f2);--wait:light-dark(#8a5300,#e2ad55);--bad:light-dark(#b3261e,#f28b82);
--person:light-dark(#6a35b5,#bd9cf5);--off:light-dark(#65676f,#999ca6);
--ok-bg:light-dark(#e6f4ec,#12291f);--wait-bg:light-dark(#fdf1dc,#2f2412);--bad-bg:light-dark(#fcebe9,#371a18);--person-bg:light-dark(#f2ebfc,#261b3b);
--sans:Inter,ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
--mono:ui-monospace,SFMono-Regular,"Cascadia Mono",Menlo,Consolas,monospace}`;

const ELEMENTS = `*,::before,::after{box-sizing:border-box}
html{scroll-padding-top:3.5rem;-webkit-text-size-adjust:none}
body{margin:0;background:var(--bg);color:var(--ink);font:.9375rem/1.5 var(--sans);font-variant-numeric:tabular-nums}
h1,h2,h3,p,ul,ol,dl,dd,figure,table{margin:0;padding:0}ul,ol{list-style:none}
h1{font-size:1.5rem;line-height:1.25;font-weight:650;letter-spacing:-.017em;text-wrap:balance}
h2{font-size:1rem;font-weight:650}h3{font-size:.9375rem;line-height:1.45;font-weight:600}b{font-weight:600}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:.2em;text-decoration-color:color-mix(in oklab,currentColor 35%,transparent)}
a:hover{text-decoration-color:currentColor}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}main:focus{outline:none}
code,.id{font:.8125rem/1.4 var(--mono);overflow-wrap:anywhere}.id{user-select:all}
.small,.asof,.crumbs,.cap>p,.why,.facts dt,.sums dt,.field>label,.pairs,.tl time,.who{font-size:.8125rem;line-height:1.4}
.quiet,.lede,.asof,.cap>p,.why,.facts dt,.sums dt,.field>label,.pairs dt,.tl time,.who{color:var(--ink-2)}
.nw{white-space:nowrap}
.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:.5rem;top:-4rem;z-index:9;padding:.5rem .75rem;background:var(--accent);color:var(--on-accent);border-radius:6px}.skip:focus{top:.5rem}
.i{width:.875rem;height:.875rem;flex:none;fill:currentColor;stroke:currentColor;stroke-width:0}`;

const FRAME = `.frame{display:grid;grid-template-columns:13.5rem minmax(0,1fr);min-height:100vh}
.side{position:sticky;top:0;height:100vh;overflow-y:auto;padding:1rem .75rem;display:flex;flex-direction:column;gap:1rem}
.brand{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem .5rem;padding-inline:.5rem;font-weight:700;letter-spacing:-.02em;color:var(--ink);text-decoration:none}
.brand svg{flex:none}.mode{margin-left:auto;white-space:nowrap;padding:.0625rem .4375rem;border:1px solid var(--rule-2);border-radius:99px;font-size:.75rem;font-weight:500;color:var(--ink-2);letter-spacing:0}
.mode[data-mode=test]{background:var(--wait-bg);color:var(--wait);border-color:transparent}
.nav{all:unset;display:flex;flex-direction:column;flex:1}
.nav h2{padding:1rem .5rem .25rem;font-size:.75rem;font-weight:500;color:var(--ink-2)}.nav h2:first-child{padding-top:0}
.nav li a{display:flex;justify-content:space-between;align-items:center;padding:.3125rem .5rem;border-radius:6px;color:var(--ink);text-decoration:none;font-size:.875rem}
.nav li a:hover{background:color-mix(in oklab,var(--ink) 6%,transparent)}
.nav a[aria-current]{background:var(--surface);font-weight:600;box-shadow:0 0 0 1px var(--rule)}
.who{margin-top:auto;padding:1rem .5rem 0;line-height:1.6}.who p{overflow-wrap:anywhere}
main{padding:1.5rem 1.5rem 2rem;border-left:1px solid var(--rule)}main>*{max-width:88rem}
.bare{border:0;max-width:34rem;margin:0 auto;display:grid;gap:1rem;align-content:start;min-height:100vh}.bare .brand{padding:0}.bare .card{padding:1rem;margin:0}
.head{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:.25rem 1rem;align-items:start;margin-bottom:1.5rem}
.head>*{grid-column:1}.head>.acts{grid-column:2;grid-row:1/span 3}.head>.acts:has(>:nth-child(5)){grid-column:1/-1;grid-row:auto;margin-top:.5rem}.lede{max-width:46rem;text-wrap:pretty}.lede :is(b,.st){color:var(--ink)}
.acts{display:flex;flex-wrap:wrap;gap:.5rem}`;

const PARTS = `.card{background:var(--surface);border:1px solid var(--rule);border-radius:8px;margin-bottom:1rem}
.two{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 1rem;align-items:start}.two.wide{grid-template-columns:minmax(0,1.75fr) minmax(0,1fr)}
.cap{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:0 1rem;padding:.75rem 1rem}.pad{padding:0 1rem 1rem}
.btn{display:inline-flex;align-items:center;gap:.375rem;min-height:2.125rem;padding:.25rem .75rem;border:1px solid var(--edge);border-radius:6px;background:var(--surface);color:var(--ink);font:500 .875rem/1.25 var(--sans);text-decoration:none;cursor:pointer;white-space:nowrap}
.btn:hover{border-color:var(--ink)}.btn.main{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}.btn.menu{display:none}.btn .quiet{font-weight:400}
.st{display:inline-flex;align-items:baseline;gap:.375rem;white-space:nowrap}.st .i{align-self:center}
.ok{--tone:var(--ok);--ground:var(--ok-bg)}.go{--tone:var(--go)}.wait{--tone:var(--wait);--ground:var(--wait-bg)}.bad{--tone:var(--bad);--ground:var(--bad-bg)}.person{--tone:var(--person);--ground:var(--person-bg)}
.st .i,.note .i,.tl>li>.i,.tone{color:var(--tone,var(--off))}
.st.person{padding:0 .5rem 0 .375rem;border-radius:99px;background:var(--ground);color:var(--tone);font-weight:500}.st.big{font-size:1rem;font-weight:600}
.note{display:flex;gap:.75rem;padding:.75rem 1rem;border-radius:8px;margin-bottom:1rem;background:var(--ground)}.note .i{margin-top:.25rem;width:1rem;height:1rem}.note.bad{border:1px solid var(--bad)}
.note p,.note li{overflow-wrap:anywhere}`;

const TABLES = `.t{width:100%;border-collapse:collapse;font-size:.875rem;line-height:1.25rem}.t caption{text-align:start}
.t th,.t td{padding:.4375rem .625rem;text-align:start;vertical-align:baseline;border-bottom:1px solid var(--rule);font-weight:400}
.t tr>:first-child{padding-left:1rem}.t tr>:last-child{padding-right:1rem}
.t thead th{font-size:.8125rem;font-weight:500;color:var(--ink-2);white-space:nowrap;vertical-align:bottom;border-bottom-color:var(--rule-2)}.t.wraps thead th{white-space:normal}
.t thead a{color:inherit;text-decoration:none}.t thead a:hover{text-decoration:underline}
.t.stick thead th{position:sticky;top:0;z-index:1;background:var(--surface);border-bottom:0;box-shadow:inset 0 -1px var(--rule-2)}
.t .n{text-align:end;white-space:nowrap}.t tbody tr:hover{background:var(--raise)}
.t tbody:last-child tr:last-child>*,.t tfoot tr:last-child>*{border-bottom:0}.t tfoot th,.t tfoot td{font-weight:600}.t tfoot tr:first-child>*{border-top:1px solid var(--ink)}.t tfoot .sub>*{font-weight:400;color:var(--ink-2)}
.scroll{overflow-x:auto}.empty{padding:1.5rem 1rem}.filters .filters{padding:.25rem 0}`;

const FILTERS = `.tabs{display:flex;flex-wrap:wrap;gap:0 .25rem;padding:0 .5rem;border-bottom:1px solid var(--rule)}
.tabs a{display:flex;gap:.375rem;padding:.5rem .5rem .4375rem;border-bottom:2px solid transparent;color:var(--ink-2);text-decoration:none;font-size:.875rem}
.tabs a[aria-current]{color:var(--ink);font-weight:600;border-bottom-color:var(--accent)}.tabs a:hover{color:var(--ink)}
.filters{display:flex;flex-wrap:wrap;gap:.75rem;align-items:end;padding:.75rem 1rem}.bare .filters{padding:.75rem 0}
.field{display:grid;gap:.1875rem}.grow{flex:1 1 16rem}.stacked{display:grid;gap:.875rem;justify-items:start}.stacked .field{width:100%}
input,select,textarea{font:.875rem/1.25 var(--sans);color:var(--ink);background:var(--surface);border:1px solid var(--edge);border-radius:6px;min-height:2.125rem;padding:.25rem .5rem;max-width:100%}select{max-width:13rem}
[type=checkbox]{min-height:0;width:1rem;height:1rem;margin:.25rem .5rem .25rem 0;vertical-align:-.375rem}[aria-invalid=true]{border:2px solid var(--bad)}.error{color:var(--bad);font-size:.8125rem;font-weight:500}
.chips{display:flex;flex-wrap:wrap;gap:.5rem;padding:0 1rem .75rem;font-size:.8125rem;align-items:center}
.chips a{display:inline-flex;gap:.375rem;padding:.125rem .5rem;min-height:1.5rem;border:1px solid var(--rule-2);border-radius:99px;color:var(--ink);text-decoration:none}.chips a:hover{border-color:var(--ink-2)}
.sums{display:flex;flex-wrap:wrap;gap:.5rem 2rem;padding:.75rem 1rem;background:var(--raise);border-block:1px solid var(--rule)}.sums div{display:grid}.sums dd{font-weight:600;white-space:nowrap}
.pages{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:center;gap:.5rem 1rem;padding:.75rem 1rem;border-top:1px solid var(--rule);font-size:.875rem}
.pages ul{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}
.case{display:grid;grid-template-columns:1.25rem minmax(0,1fr) 8rem 12rem;gap:0 1rem;padding:1rem;border-top:1px solid var(--rule)}.case h3{font-size:.9375rem;line-height:1.45}
.case p{max-width:42rem;overflow-wrap:anywhere}.case>.money{font-weight:600;text-align:end}.case .acts{margin-top:.5rem}.case:has(:checked){background:var(--person-bg)}
.bulk{position:sticky;bottom:0;display:flex;flex-wrap:wrap;gap:.75rem;align-items:center;padding:.75rem 1rem;background:var(--surface);border-top:1px solid var(--rule-2)}
.count{padding:0 .4375rem;border-radius:99px;background:var(--person-bg);color:var(--person);font-size:.75rem;font-weight:600}`;

const FACTS = `.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(13rem,42%),1fr));gap:.75rem 1.5rem;padding:.75rem 1rem 1rem}.facts dd{overflow-wrap:anywhere}
.pairs{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.375rem 1rem}.pairs dd{overflow-wrap:anywhere}
details>summary{cursor:pointer;color:var(--accent);font-size:.8125rem;padding:.5rem 0;width:max-content;max-width:100%}
.cal{display:grid;grid-template-columns:repeat(auto-fill,9.1875rem);justify-content:space-between;gap:1rem .875rem;padding:.5rem 1rem .75rem}
.cal h3{padding-bottom:.25rem;font-size:.8125rem;font-weight:500;color:var(--ink-2)}.cal svg{display:block;width:100%;height:auto;overflow:visible}
.cal text{font-size:.6875rem;text-anchor:middle;fill:var(--ink)}.cal .out{fill:var(--ink-2)}.cal .now{fill:none;stroke:var(--accent);stroke-width:2}
.cov-ok{fill:var(--ok-bg)}.cov-wait{fill:var(--wait-bg)}.cov-off{fill:var(--raise);stroke:var(--rule-2);stroke-dasharray:2 2}rect.due,path.due{fill:none;stroke:var(--ink);stroke-width:1.5;stroke-linejoin:round}
path.dot-ok,path.dot-bad{stroke-width:6;stroke-linecap:round}.dot-ok{fill:var(--ok);stroke:var(--ok);stroke-width:0}.dot-bad{fill:var(--bad);stroke:var(--bad);stroke-width:0}.dot-next{fill:var(--surface);stroke:var(--wait);stroke-width:1.5}
.tl{padding:.5rem 1rem 1rem}
.tl>li{display:grid;grid-template-columns:7.5rem 1.25rem minmax(0,1fr);gap:0 .75rem;position:relative;padding-bottom:1rem}
.tl>li::before{content:"";position:absolute;left:calc(8.25rem + .5625rem);top:1.5rem;bottom:-.125rem;border-left:2px solid var(--rule-2)}
.tl>li.ahead::before{border-left-style:dashed}.tl>li:last-child{padding-bottom:0}.tl>li:last-child::before{content:none}
.tl time{padding-top:.0625rem}.tl time b{display:block;color:var(--ink);font-weight:500}
.tl>li>.i{width:1.25rem;height:1.25rem;margin-top:.0625rem}.tl p{max-width:44rem}.tl .pairs{margin-top:.5rem}`;

const CHARTS = `.plot{display:block;width:100%;overflow:visible}.plot text{font:.75rem var(--sans);fill:var(--ink-2)}.plot .strong{fill:var(--ink);font-weight:600}
.plot .axis{stroke:var(--edge)}.plot .grid{stroke:var(--rule)}.plot .now{stroke:var(--accent);stroke-width:2}.plot .mid{text-anchor:middle}.plot .end{text-anchor:end}.tone{fill:currentColor;stroke:currentColor;stroke-width:0}
.f-first{fill:light-dark(#1c7c63,#35ac8b)}.f-later{fill:light-dark(#4d8fd6,#6fb3f2)}.f-dun{fill:light-dark(#c27c0e,#e9b44c)}.f-lost{fill:light-dark(#a5201b,#ea6a60)}
.f-person{fill:light-dark(#6a35b5,#a67be8)}.f-none{fill:light-dark(#8d8f96,#686b75)}.f-soft{fill:var(--rule)}.l-first{stroke:light-dark(#1c7c63,#35ac8b);stroke-width:2}
.plot rect{stroke:var(--surface)}.plot a:hover rect{opacity:.75}.plot .running rect{opacity:.6}
.yx{display:grid;grid-template-columns:2.75rem minmax(0,1fr)}.key{display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding-bottom:.5rem;font-size:.8125rem;color:var(--ink-2)}
.key li{display:flex;gap:.375rem;align-items:center}.key svg{width:.75rem;height:.75rem}
.multi{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr))}.multi>li{padding:.25rem 1rem 1rem;border-left:1px solid var(--rule)}.multi>li:first-child{border:0}.multi b{font-size:1.125rem}`;

const NARROW = `@media (max-width:63.99rem){.frame{display:block}
.side{position:static;height:auto;overflow:visible;flex-direction:row;align-items:center;padding:.5rem 1rem;border-bottom:1px solid var(--rule)}
.brand{padding:0}.mode{margin-left:0}.btn.menu{display:inline-flex;margin-left:auto}
@supports selector(:popover-open){.nav:not(:popover-open){display:none}}
.nav{position:fixed;inset:0 0 0 auto;width:min(20rem,88vw);height:100dvh;padding:1rem;overflow-y:auto;background:var(--bg);border-left:1px solid var(--rule-2)}
.nav::backdrop{background:rgb(0 0 0/.45)}.two,.two.wide{grid-template-columns:minmax(0,1fr)}.nav li a{min-height:2.25rem}main{padding:1rem;border:0}}
@media (max-width:40rem){select{max-width:100%}.case{grid-template-columns:1.5rem minmax(0,1fr)}.case>:nth-child(n+3){grid-column:2;margin-top:.5rem;text-align:start}.head{grid-template-columns:minmax(0,1fr)}.head>.acts{grid-column:1;grid-row:auto;margin-top:.5rem}
.t .nw{white-space:normal}.wide-only{display:none}.field,.field input,.field select{width:100%}.filters .half{width:calc(50% - .375rem)}
.t.stack thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}.t.stack,.t.stack tbody,.t.stack tfoot{display:block}
.t.stack tr{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:0 .75rem;padding:.75rem 1rem;border-bottom:1px solid var(--rule)}
.t.stack tr>*{padding:0;border:0;min-width:0}.t.stack .r{grid-column:2;text-align:end}.t.stack .l{grid-column:1}.t.stack .full{grid-column:1/-1}.t.stack .first{grid-row:1}
.t.stack tfoot tr:first-child>*{border:0}.scroll .t .nw{white-space:nowrap}.t [data-c]::before{content:attr(data-c) " ";color:var(--ink-2);font-weight:400}
.cal{grid-template-columns:repeat(2,minmax(0,1fr));gap:1rem .5rem}
.tl>li{grid-template-columns:1.25rem minmax(0,1fr)}.tl>li::before{left:.5625rem}.tl>li>time{grid-column:2;grid-row:1}.tl>li>time b{display:inline}
.tl>li>.i{grid-column:1;grid-row:1}.tl>li>div{grid-column:2}.pairs{grid-template-columns:minmax(0,1fr);gap:0}.pairs dd{margin-bottom:.25rem}}`;

const PRINT = `@page{size:A4;margin:14mm 12mm 16mm;@bottom-right{content:counter(page) " / " counter(pages);font:8pt sans-serif}}
@media print{:root,:root[data-theme]{color-scheme:light}body{background:none;font-size:9.5pt}.side,.skip,.acts,.tabs,.filters,.chips,.pages ul,.bulk,summary{display:none}
.frame{display:block}main{padding:0;border:0}.card{border:0;border-top:1px solid;border-radius:0}.t,.t thead th{font-size:8.5pt}.t.stick thead th{position:static}
.t tr,.tl>li,.case,figure{break-inside:avoid}h2{break-after:avoid}a{color:inherit;text-decoration:none}
details::details-content{content-visibility:visible;block-size:auto}.st.person,.note,.sums{print-color-adjust:exact}}
@media (forced-colors:active){.st.person,.note,.nav a[aria-current]{border:1px solid}.plot rect{stroke:Canvas}[class^=f-]{forced-color-adjust:none}}`;

export const STYLE = [COLOURS, ELEMENTS, FRAME, PARTS, TABLES, FILTERS, FACTS, CHARTS, NARROW, PRINT].join('\n');

/** Its hash is its name: a browser keeps it for a year, and a new text is another address. */
export const STYLE_PATH = `/style-${hashOf(STYLE)}.css`;

/** A calendar's leaf with one day on it, for the tab. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><path fill="#2a48c8" fill-rule="evenodd" d="M4 2h12a3 3 0 0 1 3 3v10a3 3 0 0 1-3 3H4a3 3 0 0 1-3-3V5a3 3 0 0 1 3-3zM3 7v8c0 .6.4 1 1 1h12c.6 0 1-.4 1-1V7z"/><circle cx="13" cy="12" r="2.2" fill="#2a48c8"/></svg>`;

export const ICON_PATH = `/icon-${hashOf(ICON)}.svg`;

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
