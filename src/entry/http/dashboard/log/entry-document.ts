import { logColumns } from '../../../../domain/books/ledger.ts';
import type { EntryPage, LogEntry } from '../../../../flows/views/pages/log-list.ts';
import { type Html, html } from '../../pages/html.ts';
import { countText } from '../frame/figures.ts';
import type { Page } from '../frame/frame.ts';
import { icon } from '../frame/symbols.ts';
import { logAt } from './log-query.ts';
import { entryAddress, value } from './log-table.ts';

/** One entry, whole, with its neighbours in the chain of its subscription. */
export function entryDocument(entry: EntryPage, zone: string): Page {
  const { line, seq } = entry;
  const name = String(line.subscription_reference);
  return {
    title: `Entry ${countText(seq)} of ${name}, ${String(line.kind)}`,
    crumbs: html`<a href="/log">Charge log</a> / <a href="${logAt({ find: String(line.subscription_id) })}">${name}</a>`,
    heading: html`Entry ${countText(seq)} of <span class="nw">${name}</span>: ${String(line.kind)}`,
    lede: proof(entry),
    body: html`<section class="card" aria-labelledby="columns"><h2 id="columns" class="vh">Its columns</h2>${columns(entry, zone)}</section>
<section class="card" aria-labelledby="chain"><div class="cap"><h2 id="chain">Its place in the chain</h2><p>Check all of it: <code>dueday verify</code></p></div>${chain(entry)}</section>`,
  };
}

/** Whether it is as it was written, and follows the entry before it. */
function proof({ isAsWritten, isChained }: EntryPage): Html {
  if (isAsWritten && isChained)
    return html`<span class="st ok">${icon('paid')}As written</span> Its hash is the one of its columns and of the entry before it, worked out again just now.`;
  const what = isAsWritten
    ? 'It does not follow the entry before it.'
    : 'Its columns do not come to its hash: somebody changed them.';
  return html`<span class="st bad">${icon('warn')}Not as written</span> ${what}`;
}

function columns(entry: EntryPage, zone: string): Html {
  const pairs = logColumns.map((name) => {
    const said = entry.line[name];
    const isId = name === 'entry_id' || name === 'hash' || name.endsWith('_id');
    const link = name === 'charge_id' || name === 'subscription_id';
    const whole =
      said !== null && isId && !link ? html`<span class="id">${String(said)}</span>` : value(entry, name, zone);
    return html`<div><dt>${name}</dt><dd>${said !== null && link ? named(name, String(said)) : whole}</dd></div>`;
  });
  return html`<dl class="facts">${pairs}</dl>`;
}

function named(name: 'charge_id' | 'subscription_id', id: string): Html {
  return html`<a href="/${name === 'charge_id' ? 'charges' : 'subscriptions'}/${id}" class="id">${id}</a>`;
}

function chain({ before, after, prevHash, line, seq }: EntryPage): Html {
  const neighbour = (entry: LogEntry | null, none: string) =>
    entry === null
      ? html`<span class="quiet">${none}</span>`
      : html`<a href="${entryAddress(entry)}">Entry ${countText(entry.seq)}: ${String(entry.line.kind)}</a>`;
  const all = [
    ['Before it', neighbour(before, seq === 1 ? 'none: the chain begins here' : 'missing')],
    ['Hash before it', html`<span class="id">${prevHash}</span>`],
    ['Its hash', html`<span class="id">${String(line.hash)}</span>`],
    ['After it', neighbour(after, 'none yet')],
  ] as const;
  return html`<dl class="facts">${all.map(([name, said]) => html`<div><dt>${name}</dt><dd>${said}</dd></div>`)}</dl>`;
}
