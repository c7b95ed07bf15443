/** A piece of HTML that is safe to put into a page. */
export type Html = { readonly html: string };

type Piece = string | number | Html | readonly Html[] | undefined;

/** Builds HTML. Everything put in is escaped, unless it is Html itself. */
export function html(texts: TemplateStringsArray, ...pieces: Piece[]): Html {
  return { html: texts.map((text, index) => text + render(pieces[index])).join('') };
}

function render(piece: Piece): string {
  if (piece === undefined) return '';
  if (typeof piece === 'string' || typeof piece === 'number') return escaped(String(piece));
  if ('html' in piece) return piece.html;
  return piece.map((one) => one.html).join('');
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1a2233; --soft: #5b6475; --line: #cfd5e1; --back: #f3f5f9; --card: #fff;
  --deed: #1f4fd8; --wrong: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #eef1f7; --soft: #a9b2c4; --line: #3a4357; --back: #10141d;
  --card: #1a202d; --deed: #7ea2ff; --wrong: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 30rem; margin: 3rem auto; padding: 2rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 12px; }
h1 { margin: 0 0 .25rem; font-size: 1.4rem; }
p { margin: .5rem 0; } .soft { color: var(--soft); } .wrong { color: var(--wrong); }
fieldset { border: 1px solid var(--line); border-radius: 8px; margin: 1.25rem 0; padding: .75rem 1rem 1rem; }
legend { padding: 0 .35rem; font-weight: 600; }
label { display: block; margin-top: .6rem; } label.choice { display: flex; gap: .6rem; align-items: center; }
input:not([type=radio]):not([type=checkbox]) { width: 100%; padding: .6rem .7rem; margin-top: .2rem; font: inherit;
  color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 8px; }
input[aria-invalid=true] { border-color: var(--wrong); }
/* Without a script: the fields of a card show beside a chosen card alone. */
form:not(:has([data-card]:checked)) .card { display: none; }
code { overflow-wrap: anywhere; }
.row { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
.deeds { display: flex; gap: .75rem; margin-top: 1.25rem; }
button { flex: 1; padding: .75rem; font: inherit; font-weight: 600; border-radius: 8px; cursor: pointer;
  border: 1px solid var(--line); background: transparent; color: inherit; }
button.first { background: var(--deed); border-color: var(--deed); color: var(--card); }
:focus-visible { outline: 3px solid var(--deed); outline-offset: 2px; }
footer { margin-top: 1.5rem; font-size: .85rem; color: var(--soft); }`;

/** A whole page, with the note that no money moves here. */
export function page(title: string, body: Html, language = 'en'): string {
  const document = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${{ html: STYLE }}</style>
</head>
<body>
<main>
${body}
<footer>This is a sandbox that stands in for Xendit. No money moves and no card is stored.</footer>
</main>
</body>
</html>`;
  return document.html;
}
