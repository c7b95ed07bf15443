import { type Command, Option } from 'commander';
import { refundReasons } from '../../../../domain/refunds/refund.ts';
import type { WholeChargeView } from '../../../../flows/views/list-charges.ts';
import type { RefundView } from '../../../../flows/views/refund-view.ts';
import { plainNumber } from '../../plain-number.ts';
import { askedOrGiven, reasoned } from '../../reason.ts';
import { type Confirming, confirm, confirmed, isAsked } from '../../screen/confirmation.ts';
import { moneyText } from '../../screen/wording.ts';
import { answer, daemonOf, type House, type Reaching, remoteVerb } from '../../verb.ts';
import { shownRefund } from './shown-refund.ts';

type Asking = Reaching & Confirming & { readonly amount?: string; readonly because: string; readonly reason?: string };

/** `dueday charges refund ...`. */
export function refundChargeCommand(house: House): Command {
  const command = remoteVerb(house, 'refund', 'give money of a charge back');
  return reasoned(confirmed(command), 'why, for the log; 10 to 500 characters')
    .argument('<id>', "the charge's id, or an attempt's reference at Xendit")
    .option('--amount <amount>', 'in major units; left out: all that is left of its payment')
    .addOption(
      new Option('--because <reason>', 'what Xendit is told')
        .choices([...refundReasons])
        .default('REQUESTED_BY_CUSTOMER'),
    )
    .action(async (id: string, { amount, because, ...options }: Asking) => {
      const [api, path] = [await daemonOf(house, options), `/v1/charges/${encodeURIComponent(id)}`];
      const asked = amount === undefined ? undefined : plainNumber('--amount', amount);
      const seen = isAsked(house, options) ? await api.get<WholeChargeView>(path) : null;
      const note = await askedOrGiven(house, options);
      if (seen !== null) await confirm(house, 'yes', whatHappens(seen, asked, note));
      const refund = await api.post<RefundView>(`${path}/refund`, { amount: asked, reason: because, note });
      answer(house.screen, options, refund, () => shownRefund(refund, house.screen.width));
    });
}

function whatHappens(charge: WholeChargeView, amount: number | undefined, note: string): string {
  const { currency, customer_reference: customer } = charge;
  const sum = amount === undefined ? 'All that is left of its payment' : moneyText(amount, currency);
  const facts = [
    ['customer', customer ?? 'unnamed'],
    ['charge', moneyText(charge.amount, currency)],
    ['given back before', moneyText(charge.refunded, currency)],
    ['reason', note],
  ];
  return [`${sum} goes back to the customer.`, ...facts.map(([name, value]) => `  ${name}: ${value}`)].join('\n');
}
