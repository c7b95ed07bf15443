import { createHash } from 'node:crypto';

/** A piece of HTML that is safe to put into a page. */
export type Html = { readonly html: string };

type Piece = string | Html | readonly Html[];

/** Builds HTML. Everything put in is escaped, unless it is Html itself. */
export function html(texts: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return { html: texts.map((text, index) => text + rendered(pieces[index] ?? '')).join('') };
}

function rendered(piece: Piece): string {
  if (typeof piece === 'string') return escaped(piece);
  return 'html' in piece ? piece.html : piece.map((one) => one.html).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter] ?? '');
}

const STYLE = `:root{color-scheme:light dark;--ink:#1a2233;--soft:#5b6475;--line:#cfd5e1;--ground:#f3f5f9;--sheet:#fff;--deed:#1f4fd8}
@media (prefers-color-scheme:dark){:root{--ink:#eef1f7;--soft:#a9b2c4;--line:#3a4357;--ground:#10141d;--sheet:#1a202d;--deed:#7ea2ff}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:28rem;margin:3rem auto;padding:2rem;background:var(--sheet);border:1px solid var(--line)}
h1{margin:0 0 .5rem;font-size:1.5rem;font-variant-numeric:tabular-nums}p{margin:.5rem 0}
dl{display:grid;grid-template-columns:auto 1fr;gap:.35rem 1rem;margin:1.25rem 0;padding:1rem 0;border-block:1px solid var(--line)}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}.soft{color:var(--soft)}
button{width:100%;min-height:3rem;font:inherit;font-weight:600;color:var(--sheet);background:var(--deed);border:0;cursor:pointer}
:focus-visible{outline:3px solid var(--deed);outline-offset:2px}
@media (max-width:30rem){main{margin:0;border:0;min-height:100vh}}`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/**
 * Nothing runs in a page, nothing is loaded by it, and nobody frames it; its one style is named by its hash. A browser holds the
 * redirect after a form to `form-action` too, so it names where the form may lead.
 */
export function policy(leadsTo: string): string {
  return `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action ${leadsTo}; base-uri 'none'; frame-ancestors 'none'`;
}

/** A whole page, for somebody who has never heard of dueday. */
export function page(title: string, body: Html): string {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${{ html: STYLE }}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>`;
  return document.html;
}
