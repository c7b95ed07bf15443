import { entryKinds } from '../../../../domain/books/ledger.ts';
import { chargeStatuses } from '../../../../domain/charges/charge.ts';
import { failureCodes } from '../../../../domain/declines/decline.ts';
import { declineClasses } from '../../../../domain/declines/decline-class.ts';
import { currencies } from '../../../../domain/money/money.ts';
import { type Html, html } from '../../pages/html.ts';
import { dayLinks, type Filters, filterFields } from '../frame/filter-fields.ts';
import { type LogLink, logAt, without } from './log-query.ts';

export type LogForm = Filters & {
  readonly today: Temporal.PlainDate;
  /** What the links to other days keep. */
  readonly asked: LogLink;
  readonly plans: readonly string[];
};

const MORE = [
  'customer',
  'status',
  'class',
  'failure_code',
  'channel',
  'currency',
  'amount_from',
  'amount_to',
  'account',
];

/** The filters of the log: each has its name in the API, and an empty one says nothing. */
export function logForm(form: LogForm): Html {
  const { text, find, day, choice, kept, more } = filterFields(form);
  const others = without(form.asked, 'from', 'to', 'all_time');
  const address = (from: Temporal.PlainDate, to: Temporal.PlainDate) =>
    logAt({ ...others, from: from.toString(), to: to.toString() });
  return html`<form class="filters" method="get" action="/log" role="search" aria-label="Charge log">${kept(['rows', 'columns'])}
${find()}${day('from', 'From')}${day('to', 'to, included')}${text('kind', 'Kind', 18, html` list="kinds"`)}<datalist id="kinds">${entryKinds.map((kind) => html`<option value="${kind}"></option>`)}</datalist>${choice('plan', 'Plan', form.plans)}
<button class="btn">Show</button>
<p class="small quiet" id="hint">${dayLinks(form.today, address, logAt({ ...others, all_time: 'yes' }))} Find takes a reference of yours, a customer, a charge, an attempt, or a payment of Xendit’s.</p>
${more(MORE, [
  text('customer', 'Customer', 14),
  choice('status', 'Charge is now', chargeStatuses),
  choice('class', 'Decline class', declineClasses),
  choice('failure_code', 'Failure code', Object.keys(failureCodes).toSorted()),
  text('channel', 'Channel', 10),
  choice('currency', 'Currency', currencies),
  text('amount_from', 'Amount from', 9),
  text('amount_to', 'to, included', 9),
  text('account', 'Account', 14),
])}</form>`;
}
