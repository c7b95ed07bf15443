import { failureCodes } from '../../../../domain/declines/decline.ts';
import { declineClasses } from '../../../../domain/declines/decline-class.ts';
import { currencies } from '../../../../domain/money/money.ts';
import { type Html, html } from '../../pages/html.ts';
import type { FormFault } from '../frame/form.ts';
import { type ChargeLink, linkTo, without } from './charge-query.ts';

/** What stands in the fields: what was asked, or what was typed and could not be read. */
export type Typed = Readonly<Record<string, string>>;

export type FilterForm = {
  readonly typed: Typed;
  readonly faults: readonly FormFault[];
  readonly today: Temporal.PlainDate;
  /** What the links to other days keep. */
  readonly kept: ChargeLink;
  /** What is sold now, to choose from. */
  readonly plans: readonly string[];
};

/** Those that stand behind "More filters", which is open while one of them says something. */
const MORE = [
  'customer',
  'subscription',
  'failure_code',
  'channel',
  'currency',
  'amount_from',
  'amount_to',
  'attempts_from',
  'paid_from',
  'paid_to',
  'missed',
  'overpaid',
  'refunded',
  'catalog_version',
];

/** The filters of the list: each has a name of the API, and an empty one says nothing. */
export function filterForm(form: FilterForm): Html {
  const { typed } = form;
  const text = (id: string, label: string, size: number, more: Html = html``) =>
    labelled(
      form,
      id,
      label,
      html`<input id="${id}" name="${id}" size="${String(size)}" value="${typed[id] ?? ''}"${more}${described(form, id)}>`,
    );
  const choice = (id: string, label: string, options: readonly string[]) =>
    labelled(form, id, label, select(form, id, options));
  const yesOrNo = (id: string, label: string) =>
    labelled(
      form,
      id,
      label,
      html`<select id="${id}" name="${id}">${[
        ['', 'All'],
        ['true', 'Yes'],
        ['false', 'No'],
      ].map(([value = '', name = '']) => option(value, name, typed[id] ?? ''))}</select>`,
    );
  const day = (id: string, label: string) => text(id, label, 10, DAY);
  const hidden = [
    'status',
    'state',
    'result',
    'in_dunning',
    'first_channel',
    'planned_from',
    'planned_to',
    'sort',
    'rows',
  ].flatMap((name) =>
    typed[name] === undefined ? [] : [html`<input type="hidden" name="${name}" value="${typed[name]}">`],
  );
  const isOpen = MORE.some((name) => typed[name] !== undefined);
  return html`<form class="filters" method="get" action="/charges" role="search" aria-label="Charges">${hidden}
${text('find', 'Find', 18, html` type="search"`)}${day('due_from', 'Due from')}${day('due_to', 'to, included')}${choice('plan', 'Plan', form.plans)}${choice('class', 'Decline class', declineClasses)}
<button class="btn">Show</button>
<p class="small quiet" id="dates">${days(form)} Find takes a reference of yours, a customer, a charge, an attempt, or a payment of Xendit’s.</p>
<details${isOpen ? html` open` : ''}><summary>More filters</summary><div class="filters">
${text('customer', 'Customer', 14)}${text('subscription', 'Subscription', 14)}${choice('failure_code', 'Failure code', Object.keys(failureCodes).toSorted())}${text('channel', 'Channel', 10)}${choice('currency', 'Currency', currencies)}${text('amount_from', 'Amount from', 9)}${text('amount_to', 'to, included', 9)}${text('attempts_from', 'Attempts, at least', 4)}${day('paid_from', 'Paid from')}${day('paid_to', 'to, included')}${yesOrNo('missed', 'Found late')}${yesOrNo('overpaid', 'Paid twice')}${yesOrNo('refunded', 'Refunded')}${text('catalog_version', 'Catalog version', 4)}
</div></details></form>`;
}

const DAY = html` inputmode="numeric" pattern="[0-9]{4}-[0-9]{2}-[0-9]{2}"`;

function labelled({ faults }: FilterForm, id: string, label: string, input: Html): Html {
  const fault = faults.find(({ field }) => field === id);
  const told = fault === undefined ? '' : html`<p class="error" id="${id}-error">${fault.message}</p>`;
  return html`<div class="field half"><label for="${id}">${label}</label>${input}${told}</div>`;
}

/** What is wrong with it, or how it is written. */
function described({ faults }: FilterForm, id: string): Html {
  if (faults.some(({ field }) => field === id)) return html` aria-invalid="true" aria-describedby="${id}-error"`;
  return id === 'find' || id.startsWith('due_') || id.startsWith('paid_') ? html` aria-describedby="dates"` : html``;
}

function select(form: FilterForm, id: string, options: readonly string[]): Html {
  const chosen = form.typed[id] ?? '';
  const all = chosen === '' || options.includes(chosen) ? options : [...options, chosen];
  const shown = all.map((name) => html`<option${name === chosen ? html` selected` : ''}>${name}</option>`);
  return html`<select id="${id}" name="${id}"${described(form, id)}>${option('', 'All', chosen)}${shown}</select>`;
}

function option(value: string, name: string, chosen: string): Html {
  return html`<option value="${value}"${value === chosen ? html` selected` : ''}>${name}</option>`;
}

function days({ today, kept }: FilterForm): Html {
  const asked = without(kept, 'due_from', 'due_to', 'all_time');
  const link = (name: string, from: Temporal.PlainDate, to: Temporal.PlainDate) =>
    html`<a href="${linkTo({ ...asked, due_from: from.toString(), due_to: to.toString() })}">${name}</a>`;
  const [first, yesterday] = [today.with({ day: 1 }), today.subtract({ days: 1 })];
  const before = first.subtract({ days: 1 });
  return html`Dates as 2026-12-31: ${link('today', today, today)}, ${link('yesterday', yesterday, yesterday)}, ${link('this month', first, today.with({ day: today.daysInMonth }))}, ${link('last month', before.with({ day: 1 }), before)}, <a href="${linkTo({ ...asked, all_time: 'yes' })}">all time</a>.`;
}
