import { type LogColumn, logColumns } from '../../../../domain/books/ledger.ts';
import type { LogEntry } from '../../../../flows/views/pages/log-list.ts';
import { type Html, html } from '../../pages/html.ts';
import { clockText, moment } from '../frame/figures.ts';

/** On a screen the first ten; the rest are asked for by an address, and all of them are in the file. */
const FIRST = logColumns.slice(0, 10);

const NUMBERS: readonly LogColumn[] = ['cycle', 'attempt', 'amount', 'money', 'catalog_version', 'credit'];
/** Where there is no room, a line is its moment, its kind and whom it is about. */
const NARROW: Partial<Record<LogColumn, string>> = {
  at: 'l',
  kind: 'r first',
  subscription_reference: 'l',
  customer_reference: 'r',
};

export function entryAddress({ line, seq }: LogEntry): string {
  return `/log/${String(line.subscription_id)}/${seq}`;
}

export type ShownLog = {
  readonly rows: readonly LogEntry[];
  readonly isWhole: boolean;
  readonly zone: string;
  readonly caption: string;
};

/** Lines under the names of the log, which are stable for ever. */
export function logTable({ rows, isWhole, zone, caption }: ShownLog): Html {
  const columns = isWhole ? logColumns : FIRST;
  const head = columns.map(
    (name) =>
      html`<th role="columnheader" scope="col"${NUMBERS.includes(name) ? html` class="n"` : ''}>${headOf(name)}</th>`,
  );
  const body = rows.map(
    (entry) => html`<tr role="row">${columns.map((name, index) => cell(entry, name, index === 0, zone))}</tr>
`,
  );
  const table = html`<table class="t stick${isWhole ? '' : ' stack wraps'}" role="table"><caption class="vh">${caption}</caption>
<thead role="rowgroup"><tr role="row">${head}</tr></thead>
<tbody role="rowgroup">
${body}</tbody></table>`;
  return isWhole ? html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">${table}</div>` : table;
}

/** A long name may go on in a second line. */
function headOf(name: LogColumn): readonly Html[] {
  return name.split('_').map((word, index) => (index === 0 ? html`${word}` : html`_<wbr>${word}`));
}

function cell(entry: LogEntry, name: LogColumn, isHead: boolean, zone: string): Html {
  const narrow = NARROW[name] ?? (isHead ? 'l first' : 'wide-only');
  const place = [NUMBERS.includes(name) ? 'n' : '', narrow].filter((one) => one !== '').join(' ');
  const shown = value(entry, name, zone);
  return isHead
    ? html`<th role="rowheader" scope="row" class="${place}">${shown}</th>`
    : html`<td role="cell" class="${place}">${shown}</td>`;
}

/** Ids are short here, and whole on the page of the entry. */
export function value(entry: LogEntry, name: LogColumn, zone: string): Html | string {
  const said = entry.line[name];
  if (said === null || said === '') return html`<span class="quiet">none</span>`;
  const text = String(said);
  switch (name) {
    case 'entry_id':
      return html`<a href="${entryAddress(entry)}">${short(text)}</a>`;
    case 'at':
      return moment(Temporal.Instant.from(text), zone, whenText(text, zone));
    case 'subscription_id':
      return html`<a href="/subscriptions/${text}">${short(text)}</a>`;
    case 'charge_id':
      return html`<a href="/charges/${text}">${short(text)}</a>`;
    case 'hash':
      return html`<code>${text.slice(0, 8)}</code>`;
    case 'amount':
    case 'money':
    case 'credit':
      return figures(text);
    default:
      return text;
  }
}

/** The end of an id tells entries of one second apart; its beginning is the same for all of them. */
function short(id: string): string {
  return `…${id.slice(-8)}`;
}

function whenText(at: string, zone: string): string {
  const there = Temporal.Instant.from(at).toZonedDateTimeISO(zone);
  return `${there.toPlainDate().toString()} ${clockText(there.toInstant(), zone)}`;
}

/** With commas between thousands, and minus as it is printed. */
function figures(text: string): string {
  const [whole = '', cents] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',').replace('-', '\u2212');
  return cents === undefined ? grouped : `${grouped}.${cents}`;
}
