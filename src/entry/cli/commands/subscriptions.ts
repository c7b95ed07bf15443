import type { Command } from 'commander';
import { currencies } from '../../../domain/money/money.ts';
import { subscriptionStatuses } from '../../../domain/subscriptions/subscription.ts';
import type { SubscriptionsPage } from '../../../flows/views/list-subscriptions.ts';
import type { SubscriptionView } from '../../../flows/views/subscription-view.ts';
import type { UpcomingView } from '../../../flows/views/upcoming.ts';
import type { Page } from '../api.ts';
import { fileOptions, type ListFile, wroteFile } from '../list-file.ts';
import { type Listing, listVerb, showPage } from '../listing.ts';
import { mustBeKnown, subscriptionAddress } from '../pointing.ts';
import { table } from '../screen/table.ts';
import { moneyText, timeText } from '../screen/wording.ts';
import { shownSubscription } from '../shown-subscription.ts';
import { answer, daemonOf, group, type House, type Reaching, remoteVerb } from '../verb.ts';
import { changeCommand, changesCommand, withdrawChangeCommand } from './changing/subscription-change.ts';
import { itemsCommand } from './items.ts';
import { methodsCommand } from './methods.ts';
import { paymentCommand } from './paying/subscription-payment.ts';
import {
  accessCommand,
  cancelCommand,
  graceCommand,
  keepCommand,
  pauseCommand,
  resumeCommand,
} from './subscription-life.ts';
import { consentCommand, noticeCommand } from './telling/subscription-notice.ts';

/** `dueday subscriptions ...`. */
export function subscriptionsCommand(house: House): Command {
  return group(house, 'subscriptions', 'look at subscriptions, change, cancel, pause and resume them')
    .addCommand(listCommand(house))
    .addCommand(showCommand(house))
    .addCommand(upcomingCommand(house))
    .addCommand(itemsCommand(house))
    .addCommand(methodsCommand(house))
    .addCommand(changeCommand(house))
    .addCommand(withdrawChangeCommand(house))
    .addCommand(changesCommand(house))
    .addCommand(noticeCommand(house))
    .addCommand(consentCommand(house))
    .addCommand(paymentCommand(house))
    .addCommand(cancelCommand(house))
    .addCommand(keepCommand(house))
    .addCommand(pauseCommand(house))
    .addCommand(resumeCommand(house))
    .addCommand(graceCommand(house))
    .addCommand(accessCommand(house));
}

type Filters = Listing & {
  readonly status?: string;
  readonly plan?: string;
  readonly customer?: string;
  readonly reference?: string;
  readonly find?: string;
  readonly channel?: string;
  readonly currency?: string;
  readonly nextFrom?: string;
  readonly nextTo?: string;
  readonly methodEndsWithin?: string;
  readonly catalogVersion?: string;
  readonly live?: string;
  readonly account?: string;
};

function listCommand(house: House): Command {
  return fileOptions(listVerb(house, 'list subscriptions, newest first, and what they come to'))
    .option('--status <status>', subscriptionStatuses.join(', '))
    .option('--plan <plan>')
    .option('--customer <id>', 'the customer, by reference or id')
    .option('--reference <reference>', 'the one with this reference of yours')
    .option('--find <text>', "whatever names some: a reference, an id, an attempt's reference, a payment at Xendit")
    .option('--channel <channel>', "Xendit's code of the channel of their method")
    .option('--currency <currency>', currencies.join(', '))
    .option('--next-from <date>', 'first day on which their next cycle falls due, or an instant')
    .option('--next-to <date>', 'last day, included, or an instant')
    .option('--method-ends-within <days>', 'those whose method may be counted on for no more than so many days')
    .option('--catalog-version <n>', 'those whose price is of this version of the catalog')
    .option('--live <true|false>', 'those that are neither canceled nor ended, or are')
    .option('--account <id>', "Xendit's id of a sub-account; '' is the merchant's own")
    .action(async (filters: Filters & ListFile) => {
      const { status, plan, customer, reference, find, channel, currency, account, limit, cursor } = filters;
      const options: Reaching = filters;
      const api = await daemonOf(house, options);
      const next = { next_from: filters.nextFrom, next_to: filters.nextTo };
      const ends = { method_ends_within: filters.methodEndsWithin };
      const kept = { catalog_version: filters.catalogVersion, live: filters.live };
      const narrowed = { status, plan, customer, reference_id: reference, find, channel, currency, account };
      const asked = { ...narrowed, ...next, ...ends, ...kept };
      if (await wroteFile(house, api, { path: '/v1/subscriptions', query: asked, file: filters })) return;
      const query = { ...asked, limit, cursor };
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
      answer(house.screen, options, one, () => shownSubscription(one));
    });
}

function upcomingCommand(house: House): Command {
  return remoteVerb(house, 'upcoming', 'the next charges of a subscription, with dates and amounts')
    .argument('<id>', 'its id, or your reference')
    .option('--count <n>', 'how many', '12')
    .action(async (id: string, options: Reaching & { readonly count: string }) => {
      const [api, address] = [await daemonOf(house, options), subscriptionAddress(id)];
      const page = await api.get<Page<UpcomingView>>(`${address}/upcoming`, { count: options.count });
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
