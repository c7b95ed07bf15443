import type { Command } from 'commander';
import type { WholeChargeView } from '../../../flows/views/list-charges.ts';
import { chargeStory } from '../charge-story.ts';
import { askedOrGiven, reasoned } from '../reason.ts';
import { type Confirming, confirm, confirmed, isAsked } from '../screen/confirmation.ts';
import { table } from '../screen/table.ts';
import { moneyText, placeText, timeText } from '../screen/wording.ts';
import { answer, daemonOf, group, type House, type Reaching, remoteVerb } from '../verb.ts';
import { listChargesCommand, listedCharges } from './list-charges.ts';
import { payLinkCommand } from './pay-link.ts';
import { refundChargeCommand } from './refunds/refund-charge.ts';

/** `dueday charges ...`. */
export function chargesCommand(house: House): Command {
  return group(house, 'charges', 'look at charges, have them explained, and decide about them by hand')
    .addCommand(listChargesCommand(house))
    .addCommand(showCommand(house, 'show', 'show one charge and its attempts'))
    .addCommand(showCommand(house, 'explain', 'tell what happened to a charge, step by step, and why'))
    .addCommand(payLinkCommand(house))
    .addCommand(decideCommand(house, 'retry', 'try a charge at once; mandate and network limits still hold'))
    .addCommand(decideCommand(house, 'void', 'no longer owed: nothing of it is attempted again'))
    .addCommand(decideCommand(house, 'forgive', 'no longer owed, and access stays as if it were paid'))
    .addCommand(decideCommand(house, 'write-off', 'given up: it stays owed, and nothing of it is tried by itself'))
    .addCommand(decideCommand(house, 'hold', 'hold a due charge back, until it is released'))
    .addCommand(refundChargeCommand(house))
    .addCommand(decideCommand(house, 'release', 'let a held charge go on; you vouch that it was not collected'));
}

function showCommand(house: House, name: 'show' | 'explain', description: string): Command {
  return remoteVerb(house, name, description)
    .argument('<id>')
    .action(async (id: string, options: Reaching) => {
      const charge = await (await daemonOf(house, options)).get<WholeChargeView>(
        `/v1/charges/${encodeURIComponent(id)}`,
      );
      const story = name === 'explain' ? chargeStory(charge) : shown(charge, house.screen.width);
      answer(house.screen, options, charge, () => story);
    });
}

function shown(charge: WholeChargeView, wide: number | null): string {
  const columns = ['attempt', `sent (${charge.time_zone})`, 'outcome', 'code', 'decision', 'reference'].map(
    (title) => ({ title }),
  );
  const rows = charge.attempts.map((attempt) => [
    String(attempt.number),
    timeText(attempt.sent_at, charge.time_zone),
    attempt.outcome ?? 'on its way',
    attempt.failure_code ?? '',
    attempt.decision?.kind ?? '',
    attempt.reference_id,
  ]);
  return [listedCharges([charge], wide), '', rows.length === 0 ? 'No attempts.' : table(columns, rows, wide)].join(
    '\n',
  );
}

type Deciding = Reaching & Confirming & { readonly reason?: string };
type Decision = 'retry' | 'void' | 'forgive' | 'write-off' | 'hold' | 'release';

/** What is no longer owed, or not collected, needs a reason. */
const needReason: readonly Decision[] = ['void', 'forgive', 'write-off', 'hold'];

function decideCommand(house: House, name: Decision, description: string): Command {
  return reasoned(confirmed(remoteVerb(house, name, description)), 'why, for the log; 10 to 500 characters')
    .argument('<id>')
    .action(async (id: string, options: Deciding) => {
      const [api, path] = [await daemonOf(house, options), `/v1/charges/${encodeURIComponent(id)}`];
      const asked = isAsked(house, options);
      const seen = asked ? await api.get<WholeChargeView>(path) : null;
      const reason = needReason.includes(name) ? await askedOrGiven(house, options) : options.reason;
      if (seen !== null) await confirm(house, 'yes', whatHappens(name, seen, reason));
      const charge = await api.post<WholeChargeView>(`${path}/${name}`, { reason });
      answer(house.screen, options, charge, () => shown(charge, house.screen.width));
    });
}

const deeds: Readonly<Record<Decision, string>> = {
  retry: 'will be tried at once, where mandate and network limits allow it',
  void: 'will no longer be owed: nothing of it is attempted again',
  forgive: 'will no longer be owed, and its customer keeps access as if it were paid',
  'write-off': 'will be given up: it stays owed, and nothing of it is tried by itself',
  hold: 'will wait for a person: nothing of it is attempted until it is released',
  release: 'will be due again: you vouch that no open attempt has collected it',
};

function whatHappens(name: Decision, charge: WholeChargeView, reason: string | undefined): string {
  const facts = [
    ['customer', charge.customer_reference ?? 'unnamed'],
    ['amount', moneyText(charge.amount, charge.currency)],
    ['for', `${charge.plan}, ${placeText(charge.cycle)}: ${charge.period.start} to ${charge.period.end}`],
    ['status', [charge.status, charge.hold_reason ?? charge.failure_code ?? []].flat().join(', ')],
    ['collected', moneyText(charge.collected, charge.currency)],
    ['reason', reason ?? 'none (say one with --reason)'],
  ];
  const rows = facts.map(([name = '', value = '']) => `  ${name.padEnd(11)}${value}`);
  return [`Charge ${charge.id} ${deeds[name]}.`, ...rows].join('\n');
}
