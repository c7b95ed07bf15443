import { type Command, Option } from 'commander';
import { disputeStates } from '../../../../domain/disputes/dispute.ts';
import type { DisputeView } from '../../../../flows/views/disputes/dispute-view.ts';
import type { Page } from '../../api.ts';
import { type Listing, listVerb, showPage } from '../../listing.ts';
import { askedOrGiven, reasoned } from '../../reason.ts';
import { type Confirming, confirm, confirmed, isAsked } from '../../screen/confirmation.ts';
import { table } from '../../screen/table.ts';
import { moneyText } from '../../screen/wording.ts';
import { answer, daemonOf, group, type House, type Reaching, remoteVerb } from '../../verb.ts';

/** `dueday disputes ...`. */
export function disputesCommand(house: House): Command {
  return group(house, 'disputes', 'see which payments are disputed, decide that a customer is charged again')
    .addCommand(listCommand(house))
    .addCommand(showCommand(house))
    .addCommand(releaseCommand(house));
}

type Filters = Listing & { readonly state?: string; readonly charge?: string };

function listCommand(house: House): Command {
  return listVerb(house, 'list disputes, those first that have to be answered soonest')
    .addOption(new Option('--state <state>', 'those in this state').choices([...disputeStates]))
    .option('--charge <id>', 'those of this charge')
    .action(async ({ limit, cursor, state, charge, ...options }: Filters) => {
      const api = await daemonOf(house, options);
      const page = await api.get<Page<DisputeView>>('/v1/disputes', { limit, cursor, state, charge });
      await showPage(house, api, options, page, ({ data }) => listed(data, house.screen.width));
    });
}

function showCommand(house: House): Command {
  return remoteVerb(house, 'show', 'show one dispute')
    .argument('<id>')
    .action(async (id: string, options: Reaching) => {
      const dispute = await (await daemonOf(house, options)).get<DisputeView>(address(id));
      answer(house.screen, options, dispute, () => listed([dispute], house.screen.width));
    });
}

function releaseCommand(house: House): Command {
  const command = remoteVerb(house, 'release', 'have the customer of a dispute charged again');
  return reasoned(confirmed(command), 'why, for the log; 10 to 500 characters')
    .argument('<id>')
    .action(async (id: string, options: Reaching & Confirming & { readonly reason?: string }) => {
      const api = await daemonOf(house, options);
      const seen = isAsked(house, options) ? await api.get<DisputeView>(address(id)) : null;
      const reason = await askedOrGiven(house, options);
      const what = 'What was stopped for this customer is charged again, at once where it is due:';
      if (seen !== null) await confirm(house, 'yes', `${what}\n${listed([seen], house.screen.width)}`);
      const dispute = await api.post<DisputeView>(`${address(id)}/release`, { reason });
      answer(house.screen, options, dispute, () => listed([dispute], house.screen.width));
    });
}

function listed(disputes: readonly DisputeView[], wide: number | null): string {
  const columns = [
    { title: 'answer by' },
    { title: 'id' },
    { title: 'amount', align: 'right' as const },
    { title: 'state' },
    { title: 'charge' },
  ];
  const rows = disputes.map(({ answer_by, id, amount, currency, state, charge_id }) => [
    answer_by ?? 'nobody says',
    id,
    moneyText(amount, currency),
    state,
    charge_id,
  ]);
  return table(columns, rows, wide);
}

const address = (id: string) => `/v1/disputes/${encodeURIComponent(id)}`;
