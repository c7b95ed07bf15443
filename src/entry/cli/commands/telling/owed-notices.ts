import type { Command } from 'commander';
import type { OwedNotices } from '../../../../flows/edits/owed-notices.ts';
import { type Listing, showPage } from '../../listing.ts';
import { table } from '../../screen/table.ts';
import { moneyText } from '../../screen/wording.ts';
import { daemonOf, type House, remoteVerb } from '../../verb.ts';

/** `dueday notices --owed`: whose customers are to be told of a higher price. */
export function noticesCommand(house: House): Command {
  return remoteVerb(house, 'notices', 'list whose customers are to be told of a higher price, which waits for that')
    .requiredOption('--owed', 'those that are owed')
    .option('--limit <n>', 'at most so many, 1 to 500', '100')
    .option('--cursor <cursor>', 'where the last page ended')
    .action(async ({ limit, cursor, ...options }: Listing) => {
      const api = await daemonOf(house, options);
      const page = await api.get<OwedNotices>('/v1/notices', { owed: 'true', limit, cursor });
      await showPage(house, api, options, page, ({ data }) => listed(data, house.screen.width));
    });
}

function listed(owed: OwedNotices['data'], wide: number | null): string {
  const columns = [
    ...['reference', 'customer', 'plan', 'version', 'asks for'].map((title) => ({ title })),
    ...['days before', 'pays', 'would pay'].map((title) => ({ title, align: 'right' as const })),
  ];
  const rows = owed.map((one) => [
    one.reference_id,
    one.customer ?? '',
    one.plan,
    one.subject,
    one.consent === 'opt_in' ? 'a notice and consent' : 'a notice',
    String(one.before_days),
    moneyText(one.amount_before, one.currency),
    moneyText(one.amount_after, one.currency),
  ]);
  return table(columns, rows, wide);
}
