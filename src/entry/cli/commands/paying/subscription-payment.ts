import { type Command, Option } from 'commander';
import { currencies } from '../../../../domain/money/money.ts';
import type { WholeChargeView } from '../../../../flows/views/list-charges.ts';
import { plainNumber } from '../../plain-number.ts';
import { subscriptionAddress } from '../../pointing.ts';
import { askedOrGiven, reasoned } from '../../reason.ts';
import { type Confirming, confirm, confirmed, isAsked } from '../../screen/confirmation.ts';
import { moneyText } from '../../screen/wording.ts';
import { answer, daemonOf, type House, type Reaching, remoteVerb } from '../../verb.ts';

type Paying = Reaching &
  Confirming & {
    readonly amount: string;
    readonly currency: string;
    readonly receivedOn: string;
    readonly evidence: string;
    readonly charge?: string;
    readonly reason?: string;
  };
type Paid = { readonly charges: readonly WholeChargeView[]; readonly credited: number };

/** `dueday subscriptions payment ...`. */
export function paymentCommand(house: House): Command {
  const command = remoteVerb(house, 'payment', 'write down that money came in elsewhere: it pays what is open');
  return reasoned(confirmed(command), 'why, for the log; 10 to 500 characters')
    .argument('<id>', "the subscription's id, or your reference")
    .requiredOption('--amount <amount>', 'what came in, in major units')
    .addOption(new Option('--currency <currency>', 'of the subscription').choices(currencies).makeOptionMandatory())
    .requiredOption('--received-on <date>', 'the day on which it came in, such as 2026-02-03')
    .requiredOption('--evidence <text>', 'where you keep it that it came in; no names, since it stands in the ledger')
    .option('--charge <id>', 'the charge that it is for; left out: the oldest that is open')
    .action(async (id: string, { amount, currency, receivedOn, evidence, charge, ...options }: Paying) => {
      const sum = plainNumber('--amount', amount);
      const reason = await askedOrGiven(house, options);
      const what = `${moneyText(sum, currency)} came in on ${receivedOn}: it pays what is open of ${id}, and the rest is credit.`;
      if (isAsked(house, options)) await confirm(house, 'yes', `${what}\n  evidence: ${evidence}\n  reason: ${reason}`);
      const body = { amount: sum, currency, received_on: receivedOn, evidence, reason, charge_id: charge };
      const paid = await (await daemonOf(house, options)).post<Paid>(`${subscriptionAddress(id)}/payments`, body);
      answer(house.screen, options, paid, () => shown(paid, currency));
    });
}

function shown({ charges, credited }: Paid, currency: string): string {
  const lines = charges.map(({ id, amount }) => `Paid: charge ${id}, ${moneyText(amount, currency)}.`);
  const rest = credited === 0 ? [] : [`Credit: ${moneyText(credited, currency)}, which the next charge uses.`];
  return [...lines, ...rest].join('\n') || 'Written down: credit paid along, and nothing is left.';
}
