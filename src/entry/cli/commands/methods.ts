import type { Command } from 'commander';
import type { listMethods } from '../../../flows/views/list-methods.ts';
import type { SubscriptionView } from '../../../flows/views/subscription-view.ts';
import type { Page } from '../api.ts';
import { showPage } from '../listing.ts';
import { wholeNumber } from '../plain-number.ts';
import { subscriptionAddress } from '../pointing.ts';
import { type Confirming, confirm, confirmed, isAsked } from '../screen/confirmation.ts';
import { table } from '../screen/table.ts';
import { shownSubscription } from '../shown-subscription.ts';
import { answer, daemonOf, group, type House, type Reaching, remoteVerb } from '../verb.ts';

type Method = NonNullable<Awaited<ReturnType<typeof listMethods>>>[number];

/** `dueday subscriptions methods ...`: what a subscription may be charged to. */
export function methodsCommand(house: House): Command {
  return group(house, 'methods', 'the methods that a subscription may be charged to, the one that is charged first')
    .addCommand(listCommand(house))
    .addCommand(rankCommand(house))
    .addCommand(removeCommand(house));
}

const pointing = (command: Command) =>
  command
    .argument('<id>', "the subscription's id, or your reference")
    .argument('<method>', "the method's id, as the list has it");
const placeOf = (id: string, method: string) => `${subscriptionAddress(id)}/methods/${encodeURIComponent(method)}`;

function listCommand(house: House): Command {
  return remoteVerb(house, 'list', 'list the methods of a subscription, by rank')
    .argument('<id>', 'its id, or your reference')
    .action(async (id: string, options: Reaching) => {
      const api = await daemonOf(house, options);
      const page = await api.get<Page<Method>>(`${subscriptionAddress(id)}/methods`);
      await showPage(house, api, options, page, ({ data }) => listed(data, house.screen.width));
    });
}

function rankCommand(house: House): Command {
  return pointing(
    remoteVerb(house, 'rank', 'give a method another rank: the first is charged, the next is tried after it'),
  )
    .requiredOption('--rank <n>', 'its place, counted from 1')
    .action(async (id: string, method: string, { rank, ...options }: Reaching & { readonly rank: string }) => {
      const api = await daemonOf(house, options);
      const one = await api.patch<SubscriptionView>(placeOf(id, method), { rank: wholeNumber('--rank', rank) });
      answer(house.screen, options, one, () => shownSubscription(one));
    });
}

function removeCommand(house: House): Command {
  return confirmed(
    pointing(remoteVerb(house, 'remove', 'remove a method: the subscription is charged to it no more')),
  ).action(async (id: string, method: string, options: Reaching & Confirming) => {
    const api = await daemonOf(house, options);
    if (isAsked(house, options)) {
      const seen = await api.get<SubscriptionView>(subscriptionAddress(id));
      await confirm(house, 'yes', `Method ${method} will be removed.\n${shownSubscription(seen)}`);
    }
    const one = await api.delete<SubscriptionView>(placeOf(id, method));
    answer(house.screen, options, one, () => shownSubscription(one));
  });
}

function listed(methods: readonly Method[], wide: number | null): string {
  const columns = [
    { title: 'rank', align: 'right' as const },
    ...['id', 'method', 'channel', 'status', 'ends on'].map((title) => ({ title })),
  ];
  const rows = methods.map(({ rank, id, label, channel_code, status, ends_on }) => {
    return [String(rank), id, label ?? '-', channel_code, status, ends_on];
  });
  return table(columns, rows, wide);
}
