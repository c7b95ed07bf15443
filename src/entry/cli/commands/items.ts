import type { Command } from 'commander';
import type { ItemView } from '../../../flows/views/list-items.ts';
import type { Page } from '../api.ts';
import { type Listing, listVerb, showPage } from '../listing.ts';
import { plainNumber } from '../plain-number.ts';
import { subscriptionAddress } from '../pointing.ts';
import { table } from '../screen/table.ts';
import { moneyText } from '../screen/wording.ts';
import { answer, daemonOf, group, type House, type Reaching, remoteVerb } from '../verb.ts';

/** `dueday subscriptions items ...`: lines of the next charge. */
export function itemsCommand(house: House): Command {
  return group(house, 'items', 'lines of the next charge of a subscription')
    .addCommand(listCommand(house))
    .addCommand(addCommand(house))
    .addCommand(withdrawCommand(house));
}

function listCommand(house: House): Command {
  return listVerb(house, 'list the items of a subscription, newest first')
    .argument('<id>', 'its id, or your reference')
    .action(async (id: string, { limit, cursor, ...options }: Listing) => {
      const api = await daemonOf(house, options);
      const page = await api.get<Page<ItemView>>(`${subscriptionAddress(id)}/items`, { limit, cursor });
      await showPage(house, api, options, page, ({ data }) => listed(data, house.screen.width));
    });
}

type Adding = Reaching & { readonly text: string; readonly amount: string; readonly quantity: string };

function addCommand(house: House): Command {
  return remoteVerb(house, 'add', 'add a line to the next charge of a subscription')
    .argument('<id>', 'its id, or your reference')
    .requiredOption('--text <text>', 'what it says to people')
    .requiredOption('--amount <amount>', 'the price of one, in major units')
    .option('--quantity <n>', 'how many', '1')
    .action(async (id: string, { text, amount, quantity, ...options }: Adding) => {
      const body = { text, amount: plainNumber('--amount', amount), quantity: plainNumber('--quantity', quantity) };
      const item = await (await daemonOf(house, options)).post<ItemView>(`${subscriptionAddress(id)}/items`, body);
      answer(house.screen, options, item, () => listed([item], house.screen.width));
    });
}

function withdrawCommand(house: House): Command {
  return remoteVerb(house, 'withdraw', 'take a line back that waits for the next charge')
    .argument('<id>', "the subscription's id, or your reference")
    .argument('<item>', "the item's id")
    .action(async (id: string, item: string, options: Reaching) => {
      const address = `${subscriptionAddress(id)}/items/${encodeURIComponent(item)}`;
      const withdrawn = await (await daemonOf(house, options)).delete<ItemView>(address);
      answer(house.screen, options, withdrawn, () => listed([withdrawn], house.screen.width));
    });
}

function listed(items: readonly ItemView[], wide: number | null): string {
  const columns = [
    { title: 'id' },
    { title: 'text' },
    { title: 'how many', align: 'right' as const },
    { title: 'amount', align: 'right' as const },
    { title: 'state' },
  ];
  const rows = items.map(({ id, text, quantity, amount, currency, state }) => {
    return [id, text, String(quantity), moneyText(amount, currency), state];
  });
  return table(columns, rows, wide);
}
