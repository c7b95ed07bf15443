import { type Command, Option } from 'commander';
import { subscriptionStatuses } from '../../../domain/subscriptions/subscription.ts';
import type { SubscriptionsPage } from '../../../flows/views/list-subscriptions.ts';
import type { SubscriptionView, upcomingView } from '../../../flows/views/subscription-view.ts';
import type { Page } from '../api.ts';
import { type Listing, listVerb, showPage } from '../listing.ts';
import { mustBeKnown, subscriptionAddress } from '../pointing.ts';
import { reasoned } from '../reason.ts';
import { type Confirming, confirm, confirmed, isAsked } from '../screen/confirmation.ts';
import { table } from '../screen/table.ts';
import { moneyText, timeText } from '../screen/wording.ts';
import { answer, daemonOf, group, type House, type Reaching, remoteVerb } from '../verb.ts';

/** `dueday subscriptions ...`. */
export function subscriptionsCommand(house: House): Command {
  return group(house, 'subscriptions', 'look at subscriptions, cancel, pause and resume them')
    .addCommand(listCommand(house))
    .addCommand(showCommand(house))
    .addCommand(upcomingCommand(house))
    .addCommand(cancelCommand(house))
    .addCommand(pauseCommand(house))
    .addCommand(resumeCommand(house));
}

type Filters = Listing & {
  readonly status?: string;
  readonly plan?: string;
  readonly customer?: string;
  readonly reference?: string;
};

function listCommand(house: House): Command {
  return listVerb(house, 'list subscriptions, newest first, and what they come to')
    .option('--status <status>', subscriptionStatuses.join(', '))
    .option('--plan <plan>')
    .option('--customer <id>', 'the customer, by reference or id')
    .option('--reference <reference>', 'the one with this reference of yours')
    .action(async ({ status, plan, customer, reference, limit, cursor, ...options }: Filters) => {
      const api = await daemonOf(house, options);
      const query = { status, plan, customer, reference_id: reference, limit, cursor };
      const page = await api.get<SubscriptionsPage>('/v1/subscriptions', query);
      if (page.data.length === 0) await mustBeKnown(api, { subscription: reference && `ref:${reference}`, customer });
      await showPage(house, api, options, page, (one) => shownPage(one, house.screen.width));
    });
}

function shownPage({ data, totals }: SubscriptionsPage, wide: number | null): string {
  const columns = [
    { title: 'in all' },
    { title: 'subscriptions', align: 'right' as const },
    { title: 'per cycle', align: 'right' as const },
  ];
  const rows = totals.map(({ status, count, amount, currency }) => {
    return [status, String(count), moneyText(amount, currency)];
  });
  return [listed(data, wide), '', table(columns, rows, wide)].join('\n');
}

/** Each in its own zone, as its charges are listed and explained; where zones differ, each line says its own. */
function listed(subscriptions: readonly SubscriptionView[], wide: number | null): string {
  const zones = new Set(subscriptions.map(({ time_zone }) => time_zone));
  const [zone = 'UTC'] = zones;
  const mixed = zones.size > 1;
  const columns = [
    ...['id', 'reference', 'customer', 'plan', 'status'].map((title) => ({ title })),
    { title: 'price', align: 'right' as const },
    { title: `next charge (${mixed ? 'its zone' : zone})` },
    ...(mixed ? [{ title: 'zone' }] : []),
  ];
  const rows = subscriptions.map((one) => [
    one.id,
    one.reference_id,
    one.customer.reference_id ?? one.customer.id,
    one.plan,
    one.status,
    moneyText(one.price.amount, one.price.currency),
    timeText(one.next_charge_at, one.time_zone),
    ...(mixed ? [one.time_zone] : []),
  ]);
  return table(columns, rows, wide);
}

function showCommand(house: House): Command {
  return remoteVerb(house, 'show', 'show one subscription')
    .argument('<id>', 'its id, or your reference')
    .action(async (id: string, options: Reaching) => {
      const one = await (await daemonOf(house, options)).get<SubscriptionView>(subscriptionAddress(id));
      answer(house.screen, options, one, () => shown(one));
    });
}

function shown(one: SubscriptionView): string {
  const { token, mandate, onboarding, current_cycle: cycle } = one;
  const facts: readonly (readonly [string, string | null])[] = [
    ['id', one.id],
    ['reference', one.reference_id],
    ['status', one.reason === null || one.cancel_at !== null ? one.status : `${one.status} (${one.reason})`],
    ['customer', one.customer.reference_id ?? one.customer.id],
    ['plan', `${one.plan}, ${moneyText(one.price.amount, one.price.currency)}, catalog version ${one.catalog_version}`],
    ['cycle', cycle === null ? null : `${cycle.number}: ${cycle.starts_on} to ${cycle.ends_on}`],
    ['next charge', `${timeText(one.next_charge_at, one.time_zone)} (${one.time_zone})`],
    ['cancels', cancellation(one)],
    ['pays with', token === null ? 'nothing saved yet' : `${token.label ?? token.channel_code}, ${token.status}`],
    [
      'mandate',
      mandate === null
        ? null
        : `until ${mandate.recurring_expiry}, at least ${mandate.recurring_frequency} day(s) apart`,
    ],
    ['session', onboarding === null ? null : `${onboarding.session_id}, ${onboarding.status}`],
    ['link', onboarding?.status === 'active' ? onboarding.payment_link_url : null],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(13)}${value}`])).join('\n');
}

/** When what is paid for ends, and why they leave. */
function cancellation({ cancel_at: at, reason, time_zone: zone }: SubscriptionView): string | null {
  if (at === null) return null;
  return `${timeText(at, zone)}${reason === null ? '' : ` (${reason})`}`;
}

type Upcoming = ReturnType<typeof upcomingView>[number];

function upcomingCommand(house: House): Command {
  return remoteVerb(house, 'upcoming', 'the next charges of a subscription, with dates and amounts')
    .argument('<id>', 'its id, or your reference')
    .option('--count <n>', 'how many', '12')
    .action(async (id: string, options: Reaching & { readonly count: string }) => {
      const [api, address] = [await daemonOf(house, options), subscriptionAddress(id)];
      const page = await api.get<Page<Upcoming>>(`${address}/upcoming`, { count: options.count });
      const { time_zone: zone } = await api.get<SubscriptionView>(address);
      const columns = [
        { title: 'cycle', align: 'right' as const },
        { title: `due (${zone})` },
        { title: 'period' },
        { title: 'amount', align: 'right' as const },
      ];
      const rows = page.data.map(({ cycle, due_at, period, amount, currency }) => {
        return [String(cycle), timeText(due_at, zone), `${period.start} to ${period.end}`, moneyText(amount, currency)];
      });
      answer(house.screen, options, page, () =>
        rows.length === 0 ? 'Nothing is to come.' : table(columns, rows, house.screen.width),
      );
    });
}

type Deciding = Reaching & Confirming & { readonly reason?: string };
type Canceling = Deciding & { readonly at: 'now' | 'period_end' };
type Deed = { readonly path: 'cancel' | 'pause' | 'resume'; readonly body: object; readonly words: string };

function cancelCommand(house: House): Command {
  const at = new Option('--at <when>', 'at once, or when what is paid for ends').choices(['now', 'period_end']);
  return reasoned(confirmed(remoteVerb(house, 'cancel', 'cancel a subscription')), 'why, for the log')
    .argument('<id>', 'its id, or your reference')
    .addOption(at.default('period_end'))
    .action(async (id: string, { at: when, ...options }: Canceling) => {
      const words =
        when === 'now'
          ? 'will be canceled at once: what is due is void'
          : 'will be canceled when what is paid for ends';
      await decide(house, id, options, { path: 'cancel', body: { at: when, reason: options.reason }, words });
    });
}

function pauseCommand(house: House): Command {
  const about = 'pause a subscription: nothing is charged until it is resumed';
  return reasoned(confirmed(remoteVerb(house, 'pause', about)), 'why, for the log')
    .argument('<id>', 'its id, or your reference')
    .action(async (id: string, options: Deciding) => {
      const words = 'will be paused: nothing is charged until it is resumed, and periods meanwhile are void';
      await decide(house, id, options, { path: 'pause', body: { reason: options.reason }, words });
    });
}

function resumeCommand(house: House): Command {
  return confirmed(remoteVerb(house, 'resume', 'resume a paused subscription'))
    .argument('<id>', 'its id, or your reference')
    .action(async (id: string, options: Deciding) => {
      const words = 'will go on: what is due is charged at once';
      await decide(house, id, options, { path: 'resume', body: {}, words });
    });
}

/** At a terminal the subscription is shown, and the deed waits for a typed "yes". */
async function decide(house: House, id: string, options: Deciding, { path, body, words }: Deed): Promise<void> {
  const [api, address] = [await daemonOf(house, options), subscriptionAddress(id)];
  if (isAsked(house, options)) {
    const seen = await api.get<SubscriptionView>(address);
    await confirm(house, 'yes', `Subscription ${seen.id} ${words}.\n${shown(seen)}`);
  }
  const one = await api.post<SubscriptionView>(`${address}/${path}`, body);
  answer(house.screen, options, one, () => shown(one));
}
