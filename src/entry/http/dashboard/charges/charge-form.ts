import { failureCodes } from '../../../../domain/declines/decline.ts';
import { declineClasses } from '../../../../domain/declines/decline-class.ts';
import { currencies } from '../../../../domain/money/money.ts';
import { type Html, html } from '../../pages/html.ts';
import { dayLinks, type Filters, filterFields } from '../frame/filter-fields.ts';
import { type ChargeLink, linkTo, without } from './charge-query.ts';

export type FilterForm = Filters & {
  readonly today: Temporal.PlainDate;
  /** What the links to other days keep. */
  readonly asked: ChargeLink;
  /** What is sold now, to choose from. */
  readonly plans: readonly string[];
};

/** What links of other pages ask, and no field here. */
const KEPT = [
  'status',
  'state',
  'result',
  'in_dunning',
  'first_channel',
  'planned_from',
  'planned_to',
  'attempts_to',
  'dunning',
  'first_class',
  'first_failure_code',
  'sort',
  'rows',
];

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

/** The filters of the list: each has its name in the API, and an empty one says nothing. */
export function filterForm(form: FilterForm): Html {
  const { text, find, day, choice, yesOrNo, kept, more } = filterFields(form);
  const others = without(form.asked, 'due_from', 'due_to', 'all_time');
  const address = (from: Temporal.PlainDate, to: Temporal.PlainDate) =>
    linkTo({ ...others, due_from: from.toString(), due_to: to.toString() });
  return html`<form class="filters" method="get" action="/charges" role="search" aria-label="Charges">${kept(KEPT)}
${find()}${day('due_from', 'Due from')}${day('due_to', 'to, included')}${choice('plan', 'Plan', form.plans)}${choice('class', 'Decline class', declineClasses)}
<button class="btn">Show</button>
<p class="small quiet" id="hint">${dayLinks(form.today, address, linkTo({ ...others, all_time: 'yes' }))} Find takes a reference of yours, a customer, a charge, an attempt, or a payment of Xendit’s.</p>
${more(MORE, [
  text('customer', 'Customer', 14),
  text('subscription', 'Subscription', 14),
  choice('failure_code', 'Failure code', Object.keys(failureCodes).toSorted()),
  text('channel', 'Channel', 10),
  choice('currency', 'Currency', currencies),
  text('amount_from', 'Amount from', 9),
  text('amount_to', 'to, included', 9),
  text('attempts_from', 'Attempts, at least', 4),
  day('paid_from', 'Paid from'),
  day('paid_to', 'to, included'),
  yesOrNo('missed', 'Found late'),
  yesOrNo('overpaid', 'Paid twice'),
  yesOrNo('refunded', 'Refunded'),
  text('catalog_version', 'Catalog version', 4),
])}</form>`;
}
