import { type Html, html } from '../../pages/html.ts';

/** What each shape looks like, on a field of 16 by 16. */
const SHAPES = {
  due: '<circle cx="8" cy="8" r="6" fill="none" stroke-width="2"/>',
  attempting: '<circle cx="8" cy="8" r="6" fill="none" stroke-width="2"/><path d="M8 2a6 6 0 0 1 0 12z"/>',
  paid: '<path fill-rule="evenodd" d="M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zm3 4.3L7 9.3 5 7.3 3.9 8.4 7 11.5l5.1-5.1z"/>',
  dunning: '<path fill="none" stroke-width="2" d="M13.3 8.7A5.4 5.4 0 1 1 11.8 4.1"/><path d="M14.2 1.3v4.9H9.3z"/>',
  waits:
    '<circle cx="8" cy="8" r="6.2" fill="none" stroke-width="1.8"/><path fill="none" stroke-width="1.8" stroke-linecap="round" d="M8 4.6V8l2.4 1.6"/>',
  unknown:
    '<path fill="none" stroke-width="1.7" stroke-linejoin="round" d="M8 1.2 14.8 8 8 14.8 1.2 8z"/><path fill="none" stroke-width="1.5" stroke-linecap="round" d="M6.4 6.6a1.7 1.7 0 1 1 2.3 1.6c-.5.2-.7.5-.7.9"/><circle cx="8" cy="11" r="1"/>',
  held: '<path fill-rule="evenodd" d="M3 1h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2V3a2 2 0 0 1 2-2zm2 4v6h2V5zm4 0v6h2V5z"/>',
  uncollectible:
    '<path fill-rule="evenodd" d="M5 1h6l4 4v6l-4 4H5l-4-4V5zm.6 3.4L4.4 5.6 6.8 8l-2.4 2.4 1.2 1.2L8 9.2l2.4 2.4 1.2-1.2L9.2 8l2.4-2.4-1.2-1.2L8 6.8z"/>',
  void: '<circle cx="8" cy="8" r="6" fill="none" stroke-width="1.8"/><path fill="none" stroke-width="1.8" d="m3.8 12.2 8.4-8.4"/>',
  refunded: '<path fill="none" stroke-width="2" d="M3.5 5.5H10a3.6 3.6 0 0 1 0 7.2H6"/><path d="M6 1.4v8.2L1.4 5.5z"/>',
  active: '<circle cx="8" cy="8" r="5"/>',
  step: '<circle cx="8" cy="8" r="3.4"/>',
  paused: '<path d="M4 3h3v10H4zM9 3h3v10H9z"/>',
  ended: '<rect x="2.5" y="2.5" width="11" height="11" fill="none" stroke-width="2"/>',
  warn: '<path fill-rule="evenodd" d="M8 1 15.5 14.5H.5zM7.2 6l.2 4.2h1.2L8.8 6zM8 11.2a1 1 0 1 0 0 2 1 1 0 0 0 0-2z"/>',
  down: '<path fill="none" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" d="M8 2v8m-3.4-3L8 10.4 11.4 7M2.5 13.5h11"/>',
  more: '<path fill="none" stroke-width="2" stroke-linecap="round" d="M2 4h12M2 8h12M2 12h12"/>',
} as const;

export type Shape = keyof typeof SHAPES;

/** Drawn once a page, and used by name: a row costs some 45 bytes. Only those that the page uses. */
export function symbolsFor(page: string): Html {
  const used = Object.entries(SHAPES).filter(([name]) => page.includes(`"#i-${name}"`));
  const drawn = used.map(([name, shape]) => `<symbol id="i-${name}" viewBox="0 0 16 16">${shape}</symbol>`);
  return { html: `<svg class="vh" aria-hidden="true">${drawn.join('')}</svg>` };
}

/** A shape beside its word: whoever does not see it reads the word. */
export function icon(shape: Shape, tone = ''): Html {
  return { html: `<svg class="i${tone === '' ? '' : ` ${tone}`}" aria-hidden="true"><use href="#i-${shape}"/></svg>` };
}

/** What a colour means: money in, in motion, waits, lost, a person's turn, out of the count. */
export type Tone = 'ok' | 'go' | 'wait' | 'bad' | 'person' | '';

export type ShownState = { readonly word: string; readonly shape: Shape; readonly tone: Tone };

/** A state as it is always shown: a shape, a colour and a word. */
export function stateMark({ word, shape, tone }: ShownState, more = ''): Html {
  return html`<span class="${['st', tone, more].filter((name) => name !== '').join(' ')}">${icon(shape)}${word}</span>`;
}
