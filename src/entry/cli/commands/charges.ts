import type { Command } from 'commander';
import type { ChargeView, WholeChargeView } from '../../../flows/reporting/list-charges.ts';
import type { SubscriptionView } from '../../../flows/reporting/list-subscriptions.ts';
import type { Api, Page } from '../api.ts';
import { chargeStory } from '../charge-story.ts';
import { type Confirming, confirm, confirmed, isAsked } from '../confirmation.ts';
import { type Listing, listVerb, nextPage } from '../listing.ts';
import { askedOrGiven, reasonOption } from '../reason.ts';
import { table } from '../table.ts';
import { answer, daemonOf, group, type House, type Reaching, remoteVerb } from '../verb.ts';
import { moneyText, timeText } from '../wording.ts';

/** `dueday charges ...`. */
export function chargesCommand(house: House): Command {
  return group(house, 'charges', 'look at charges, have them explained, and decide about them by hand')
    .addCommand(listCommand(house))
    .addCommand(showCommand(house, 'show', 'show one charge and its attempts'))
    .addCommand(showCommand(house, 'explain', 'tell what happened to a charge, step by step, and why'))
    .addCommand(decideCommand(house, 'retry', 'try a charge at once; mandate and network limits still hold'))
    .addCommand(decideCommand(house, 'void', 'no longer owed: nothing of it is attempted again'))
    .addCommand(decideCommand(house, 'hold', 'hold a due charge back, until it is released'))
    .addCommand(decideCommand(house, 'release', 'let a held charge go on; you vouch that it was not collected'));
}

type Filters = Listing & {
  readonly status?: string;
  readonly subscription?: string;
  readonly dueFrom?: string;
  readonly dueTo?: string;
  readonly failureCode?: string;
};

function listCommand(house: House): Command {
  return listVerb(house, 'list charges, oldest due first')
    .option('--status <status>', 'due, attempting, paid, uncollectible, held, void, refunded, partially_refunded')
    .option('--subscription <id>')
    .option('--due-from <date>', 'first day, or an instant')
    .option('--due-to <date>', 'last day, included, or an instant')
    .option('--failure-code <code>', 'the last one that Xendit gave')
    .action(async ({ status, subscription, dueFrom, dueTo, failureCode, limit, cursor, ...options }: Filters) => {
      const query = {
        status,
        subscription,
        due_from: dueFrom,
        due_to: dueTo,
        failure_code: failureCode,
        limit,
        cursor,
      };
      const page = await daemonOf(house, options).get<Page<ChargeView>>('/v1/charges', query);
      answer(house.screen, options, page, () => (page.data.length === 0 ? 'There are none.' : listed(page.data)));
      nextPage(house, options, page);
    });
}

function listed(charges: readonly ChargeView[]): string {
  const columns = [
    ...['id', 'customer', 'plan'].map((title) => ({ title })),
    { title: 'cycle', align: 'right' as const },
    { title: 'due (UTC)' },
    { title: 'amount', align: 'right' as const },
    { title: 'status' },
    { title: 'why, or what is next' },
  ];
  const rows = charges.map((charge) => [
    charge.id,
    charge.customer_reference ?? '',
    charge.plan,
    String(charge.cycle),
    timeText(charge.due_at, 'UTC'),
    moneyText(charge.amount, charge.currency),
    charge.status,
    hint(charge),
  ]);
  return table(columns, rows);
}

function hint({ status, hold_reason, failure_code, next_attempt_at, waits_until }: ChargeView): string {
  if (hold_reason !== null) return hold_reason;
  if (status === 'paid') return '';
  const next = next_attempt_at === null ? null : `next ${timeText(next_attempt_at, 'UTC')}`;
  const waits = waits_until === null ? null : `waits until ${timeText(waits_until, 'UTC')}`;
  return [failure_code, next, waits].filter((part) => part !== null).join(', ');
}

function showCommand(house: House, name: 'show' | 'explain', description: string): Command {
  return remoteVerb(house, name, description)
    .argument('<id>')
    .action(async (id: string, options: Reaching) => {
      const api = daemonOf(house, options);
      const charge = await api.get<WholeChargeView>(`/v1/charges/${encodeURIComponent(id)}`);
      const story = name === 'explain' ? chargeStory(charge, await zoneOf(api, charge)) : shown(charge);
      answer(house.screen, options, charge, () => story);
    });
}

async function zoneOf(api: Api, charge: ChargeView): Promise<string> {
  return (await api.get<SubscriptionView>(`/v1/subscriptions/${charge.subscription_id}`)).time_zone;
}

function shown(charge: WholeChargeView): string {
  const columns = ['attempt', 'sent (UTC)', 'outcome', 'code', 'decision', 'reference'].map((title) => ({ title }));
  const rows = charge.attempts.map((attempt) => [
    String(attempt.number),
    timeText(attempt.sent_at, 'UTC'),
    attempt.outcome ?? 'on its way',
    attempt.failure_code ?? '',
    attempt.decision?.kind ?? '',
    attempt.reference_id,
  ]);
  return [listed([charge]), '', rows.length === 0 ? 'No attempts.' : table(columns, rows)].join('\n');
}

type Deciding = Reaching & Confirming & { readonly reason?: string };
type Decision = 'retry' | 'void' | 'hold' | 'release';

/** What is no longer owed, or not collected, needs a reason. */
const reasoned: readonly Decision[] = ['void', 'hold'];

function decideCommand(house: House, name: Decision, description: string): Command {
  return confirmed(remoteVerb(house, name, description))
    .argument('<id>')
    .addOption(reasonOption('why, for the log; 10 to 500 characters'))
    .action(async (id: string, options: Deciding) => {
      const [api, path] = [daemonOf(house, options), `/v1/charges/${encodeURIComponent(id)}`];
      const asked = isAsked(house, options);
      const seen = asked ? await api.get<WholeChargeView>(path) : null;
      const reason = reasoned.includes(name) ? await askedOrGiven(house, options) : options.reason;
      if (seen !== null) await confirm(house, 'yes', whatHappens(name, seen, reason));
      const charge = await api.post<WholeChargeView>(`${path}/${name}`, { reason });
      answer(house.screen, options, charge, () => shown(charge));
    });
}

const deeds: Readonly<Record<Decision, string>> = {
  retry: 'will be tried at once, where mandate and network limits allow it',
  void: 'will no longer be owed: nothing of it is attempted again',
  hold: 'will wait for a person: nothing of it is attempted until it is released',
  release: 'will be due again: you vouch that no open attempt has collected it',
};

function whatHappens(name: Decision, charge: WholeChargeView, reason: string | undefined): string {
  const facts = [
    ['customer', charge.customer_reference ?? 'unnamed'],
    ['amount', moneyText(charge.amount, charge.currency)],
    ['for', `${charge.plan}, cycle ${charge.cycle}: ${charge.period.start} to ${charge.period.end}`],
    ['status', [charge.status, charge.hold_reason ?? charge.failure_code ?? []].flat().join(', ')],
    ['collected', moneyText(charge.collected, charge.currency)],
    ['reason', reason ?? 'none (say one with --reason)'],
  ];
  const rows = facts.map(([name = '', value = '']) => `  ${name.padEnd(11)}${value}`);
  return [`Charge ${charge.id} ${deeds[name]}.`, ...rows].join('\n');
}
