import { type Command, Option } from 'commander';
import { refundStates } from '../../../../domain/refunds/refund.ts';
import type { RefundView } from '../../../../flows/views/refund-view.ts';
import type { Page } from '../../api.ts';
import { type Listing, listVerb, showPage } from '../../listing.ts';
import { reasoned } from '../../reason.ts';
import { type Confirming, confirm, confirmed, isAsked } from '../../screen/confirmation.ts';
import { answer, daemonOf, group, type House, type Reaching, remoteVerb } from '../../verb.ts';
import { listedRefunds as listed, shownRefund as shown } from './shown-refund.ts';

/** `dueday refunds ...`. */
export function refundsCommand(house: House): Command {
  return group(house, 'refunds', 'see what became of refunds, approve what others asked for')
    .addCommand(listCommand(house))
    .addCommand(showCommand(house))
    .addCommand(
      decideCommand(house, 'approve', 'approve a refund that somebody else asked for, or have it tried again'),
    )
    .addCommand(decideCommand(house, 'withdraw', 'take a refund back that Xendit has not taken'));
}

type Filters = Listing & { readonly state?: string; readonly charge?: string };

function listCommand(house: House): Command {
  return listVerb(house, 'list refunds, the newest first')
    .addOption(new Option('--state <state>', 'those in this state').choices([...refundStates]))
    .option('--charge <id>', 'those of this charge')
    .action(async ({ limit, cursor, state, charge, ...options }: Filters) => {
      const api = await daemonOf(house, options);
      const page = await api.get<Page<RefundView>>('/v1/refunds', { limit, cursor, state, charge });
      await showPage(house, api, options, page, ({ data }) => listed(data, house.screen.width));
    });
}

function showCommand(house: House): Command {
  return remoteVerb(house, 'show', 'show one refund')
    .argument('<id>')
    .action(async (id: string, options: Reaching) => {
      const refund = await (await daemonOf(house, options)).get<RefundView>(address(id));
      answer(house.screen, options, refund, () => shown(refund, house.screen.width));
    });
}

function decideCommand(house: House, name: 'approve' | 'withdraw', description: string): Command {
  return reasoned(confirmed(remoteVerb(house, name, description)), 'why, for the log; 10 to 500 characters')
    .argument('<id>')
    .action(async (id: string, options: Reaching & Confirming & { readonly reason?: string }) => {
      const api = await daemonOf(house, options);
      const seen = isAsked(house, options) ? await api.get<RefundView>(address(id)) : null;
      if (seen !== null) await confirm(house, 'yes', `${deeds[name]}\n${shown(seen, house.screen.width)}`);
      const refund = await api.post<RefundView>(`${address(id)}/${name}`, { reason: options.reason });
      answer(house.screen, options, refund, () => shown(refund, house.screen.width));
    });
}

const deeds = {
  approve: 'This refund will be sent to Xendit:',
  withdraw: 'This refund will not be sent; of one that is unknown you vouch that Xendit does not have it:',
} as const;

const address = (id: string) => `/v1/refunds/${encodeURIComponent(id)}`;
