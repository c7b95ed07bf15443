import { type Command, Option } from 'commander';
import { chargeStatuses } from '../../../domain/charges/charge.ts';
import { chargeResults } from '../../../domain/charges/result.ts';
import { chargeStates } from '../../../domain/charges/shown-state.ts';
import { declineClasses } from '../../../domain/declines/decline-class.ts';
import { recoveries } from '../../../domain/dunning/recovery.ts';
import { currencies } from '../../../domain/money/money.ts';
import type { ChargesPage, ChargeView } from '../../../flows/views/list-charges.ts';
import { fileOptions, type ListFile, wroteFile } from '../list-file.ts';
import { type Listing, listVerb, showPage } from '../listing.ts';
import { mustBeKnown } from '../pointing.ts';
import { table } from '../screen/table.ts';
import { moneyText, timeText } from '../screen/wording.ts';
import { daemonOf, type House, type Reaching } from '../verb.ts';

type Filters = Listing & {
  readonly status?: string;
  readonly state?: string;
  readonly sort?: string;
  readonly subscription?: string;
  readonly customer?: string;
  readonly from?: string;
  readonly to?: string;
  readonly dueFrom?: string;
  readonly dueTo?: string;
  readonly paidFrom?: string;
  readonly paidTo?: string;
  readonly failureCode?: string;
  readonly find?: string;
  readonly plan?: string;
  readonly class?: string;
  readonly channel?: string;
  readonly currency?: string;
  readonly amountFrom?: string;
  readonly amountTo?: string;
  readonly plannedFrom?: string;
  readonly plannedTo?: string;
  readonly firstChannel?: string;
  readonly result?: string;
  readonly attemptsFrom?: string;
  readonly attemptsTo?: string;
  readonly dunning?: string;
  readonly firstClass?: string;
  readonly firstFailureCode?: string;
  readonly inDunning?: boolean;
  readonly missed?: boolean;
  readonly overpaid?: boolean;
  readonly refunded?: boolean;
  readonly catalogVersion?: string;
  readonly account?: string;
};

/** `dueday charges list`: newest first, with what the whole list comes to. */
export function listChargesCommand(house: House): Command {
  return fileOptions(listVerb(house, 'list charges, newest due first, and what they come to'))
    .option('--status <status>', chargeStatuses.join(', '))
    .option('--result <result>', chargeResults.join(', '))
    .option('--state <state>', `as their page says it: ${chargeStates.join(', ')}`)
    .option('--sort <order>', 'due_at, amount, last_attempt or charge; -due_at and so on the other way', '-due_at')
    .option('--subscription <id>', 'the subscription, by id or reference')
    .option('--customer <id>', 'the customer, by reference or id')
    .option('--from <date>', 'first day on which it was due, or an instant')
    .option('--to <date>', 'last day, included, or an instant')
    .addOption(new Option('--due-from <date>').hideHelp().conflicts('from'))
    .addOption(new Option('--due-to <date>').hideHelp().conflicts('to'))
    .option('--paid-from <date>', 'first day on which it was paid, or an instant')
    .option('--paid-to <date>', 'last day, included, or an instant')
    .option('--planned-from <date>', 'first day for which its next attempt is planned, or an instant')
    .option('--planned-to <date>', 'last day, included, or an instant')
    .option('--failure-code <code>', 'the last one that Xendit gave')
    .option('--find <text>', "whatever names some: a reference, an id, an attempt's reference, a payment at Xendit")
    .option('--plan <plan>', 'those of this plan')
    .option('--class <class>', `how the last attempt was declined: ${declineClasses.join(', ')}`)
    .option('--channel <channel>', "Xendit's code of the channel that the last attempt went over")
    .option('--first-channel <channel>', 'the channel that the first attempt went over')
    .option('--currency <currency>', currencies.join(', '))
    .option('--amount-from <amount>', 'of this amount or more, in major units')
    .option('--amount-to <amount>', 'of this amount or less, in major units')
    .option('--attempts-from <n>', 'with so many attempts or more')
    .option('--attempts-to <n>', 'with so many attempts or fewer')
    .option('--dunning <what>', `declined at least once, and since then: any, ${recoveries.join(', ')}`)
    .option('--first-class <class>', 'how the first attempt was declined')
    .option('--first-failure-code <code>', 'the first one that Xendit gave')
    .option('--in-dunning', 'those that were declined and are neither paid nor given up')
    .option('--missed', 'those that were found late')
    .option('--overpaid', 'those that were paid twice')
    .option('--refunded', 'those of which money went back')
    .option('--catalog-version <n>', 'those that go by this version of the catalog')
    .option('--account <id>', "Xendit's id of a sub-account; '' is the merchant's own")
    .action(async (filters: Filters & ListFile) => {
      const { limit, cursor, ...rest } = filters;
      const { status, subscription, customer } = filters;
      const query = { ...queryOf(rest), limit, cursor };
      const options: Reaching = filters;
      const api = await daemonOf(house, options);
      if (await wroteFile(house, api, { path: '/v1/charges', query: queryOf(rest), file: filters })) return;
      const page = await api.get<ChargesPage>('/v1/charges', query);
      if (page.data.length === 0) await mustBeKnown(api, { subscription, customer });
      await showPage(house, api, options, page, (one) => shownPage(one, house.screen.width), status === 'held');
    });
}

function queryOf(filters: Omit<Filters, keyof Listing>) {
  const { status, subscription, customer, find, plan, channel, currency, account } = filters;
  const yes = (is: boolean | undefined) => (is === true ? 'true' : undefined);
  return {
    status,
    subscription,
    customer,
    find,
    plan,
    channel,
    currency,
    account,
    class: filters.class,
    due_from: filters.from ?? filters.dueFrom,
    due_to: filters.to ?? filters.dueTo,
    paid_from: filters.paidFrom,
    paid_to: filters.paidTo,
    planned_from: filters.plannedFrom,
    planned_to: filters.plannedTo,
    first_channel: filters.firstChannel,
    result: filters.result,
    failure_code: filters.failureCode,
    amount_from: filters.amountFrom,
    amount_to: filters.amountTo,
    attempts_from: filters.attemptsFrom,
    attempts_to: filters.attemptsTo,
    dunning: filters.dunning,
    first_class: filters.firstClass,
    first_failure_code: filters.firstFailureCode,
    in_dunning: yes(filters.inDunning),
    missed: yes(filters.missed),
    overpaid: yes(filters.overpaid),
    refunded: yes(filters.refunded),
    catalog_version: filters.catalogVersion,
    sort: filters.sort ?? '-due_at',
    state: filters.state,
  };
}

function shownPage({ data, totals }: ChargesPage, wide: number | null): string {
  const columns = [
    { title: 'in all' },
    { title: 'charges', align: 'right' as const },
    { title: 'amount', align: 'right' as const },
    { title: 'collected', align: 'right' as const },
  ];
  const rows = totals.map(({ status, count, amount, collected, currency }) => {
    return [status, String(count), moneyText(amount, currency), moneyText(collected, currency)];
  });
  return [listedCharges(data, wide), '', table(columns, rows, wide)].join('\n');
}

/** Charges a line each, in the zone of their subscriptions; where those differ, each line says its own. */
export function listedCharges(charges: readonly ChargeView[], wide: number | null): string {
  const zones = new Set(charges.map(({ time_zone }) => time_zone));
  const [zone = 'UTC'] = zones;
  const mixed = zones.size > 1;
  const said = mixed ? "the subscription's zone" : zone;
  const columns = [
    ...['id', 'customer', 'plan'].map((title) => ({ title })),
    { title: 'cycle', align: 'right' as const },
    { title: `due (${said})` },
    ...(mixed ? [{ title: 'zone' }] : []),
    { title: 'amount', align: 'right' as const },
    { title: 'status' },
    { title: `paid (${said})` },
    { title: 'why, or what is next' },
  ];
  const rows = charges.map((charge) => [
    charge.id,
    charge.customer_reference ?? '',
    charge.plan,
    charge.cycle === null ? 'once' : String(charge.cycle),
    timeText(charge.due_at, charge.time_zone),
    ...(mixed ? [charge.time_zone] : []),
    moneyText(charge.amount, charge.currency),
    charge.status,
    charge.collected > 0 ? timeText(charge.settled_at, charge.time_zone) : '',
    hint(charge),
  ]);
  return table(columns, rows, wide);
}

/** What a paid charge says of itself is that it is paid. */
function hint({
  status,
  hold_reason,
  failure_code,
  next_attempt_at,
  waits_until,
  time_zone,
  note,
}: ChargeView): string {
  if (status === 'paid') return '';
  const next = next_attempt_at === null ? null : `next ${timeText(next_attempt_at, time_zone)}`;
  const waits = waits_until === null ? null : `waits until ${timeText(waits_until, time_zone)}`;
  return [hold_reason ?? failure_code, next, waits, note].filter((part) => part !== null).join(', ');
}
