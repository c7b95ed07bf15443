import type { WholeChargeView } from '../../flows/views/list-charges.ts';
import { moneyText, placeText, timeText } from './screen/wording.ts';

type AttemptView = WholeChargeView['attempts'][number];
type EventView = WholeChargeView['history'][number];

/** What happened to a charge and why, step by step, as a person would tell it. */
export function chargeStory(charge: WholeChargeView): string {
  const timeZone = charge.time_zone;
  const who = charge.customer_reference ?? 'an unnamed customer';
  const { start, end } = charge.period;
  return [
    `Charge ${charge.id}`,
    `${moneyText(charge.amount, charge.currency)} of ${who} for ${charge.plan}, ${placeText(charge.cycle)}: ${start} to ${end}.`,
    `Subscription ${charge.subscription_reference}. Due ${timeText(charge.due_at, timeZone)}; all times are ${timeZone}.`,
    ...(charge.missed ? ['It was found late: the daemon did not run when it fell due.'] : []),
    '',
    ...steps(charge).flatMap((step) => [...step, '']),
    ...(charge.attempts.length === 0 ? ['Nothing was sent to Xendit.', ''] : []),
    ending(charge, timeZone),
  ].join('\n');
}

/** Attempts, and what happened beside them, in the order of time. */
function steps({ attempts, history, time_zone: timeZone }: WholeChargeView): readonly (readonly string[])[] {
  const sent = attempts.map((attempt) => ({ at: attempt.sent_at, lines: attemptStory(attempt, timeZone) }));
  const beside = history.filter(isBeside).map((event) => ({ at: event.at, lines: eventStory(event, timeZone) }));
  return [...sent, ...beside]
    .toSorted((a, b) => Temporal.Instant.compare(Temporal.Instant.from(a.at), Temporal.Instant.from(b.at)))
    .map(({ lines }) => lines);
}

/** What an attempt came to is told with it. */
function isBeside({ kind, attempt }: EventView): boolean {
  return kind !== 'charge.opened' && (attempt === null || !/^(attempt|charge|payment)\./.test(kind));
}

/** Who did what and why; of what followed from an attempt, the attempt has said why. */
function eventStory({ at, kind, attempt, why, actor }: EventView, timeZone: string): readonly string[] {
  const what = kind.replace('.', ' ').replaceAll('_', ' ');
  const said = why !== null && attempt === null ? [`   ${'why'.padEnd(14)}${why}`] : [];
  return [`-  ${timeText(at, timeZone)}  ${what}, by ${actor}`, ...said];
}

function attemptStory(attempt: AttemptView, timeZone: string): readonly string[] {
  const { decision } = attempt;
  const facts: readonly (readonly [string, string | null])[] = [
    ['Xendit said', said(attempt, timeZone)],
    ['payment', attempt.payment_id ?? attempt.payment_request_id],
    ['customer link', attempt.action_url],
    ['class', attempt.class],
    ['rule', decision?.rule ?? null],
    ['counted', decision === null ? null : countedText(decision.counted)],
    ['decided', decision === null ? 'nothing yet' : decided(decision, timeZone)],
    ['why', decision?.why ?? null],
    ['rules from', decision === null ? null : `catalog version ${decision.catalog_version}`],
  ];
  return [
    `${attempt.number}. ${timeText(attempt.sent_at, timeZone)}  ${BY[attempt.via] ?? 'sent to Xendit as'} ${attempt.reference_id}`,
    ...facts.flatMap(([name, value]) => (value === null || value === '' ? [] : [`   ${name.padEnd(14)}${value}`])),
  ];
}

/** By whom it is paid, where not by us with the saved method. */
const BY: Readonly<Record<string, string>> = { session: 'a page to pay by hand was opened at Xendit as' };

function said(
  { outcome, outcome_at, failure_code, network_code, advice_code, sent_at }: AttemptView,
  timeZone: string,
): string {
  if (outcome === null) return 'nothing yet';
  const codes = [
    failure_code,
    network_code === null ? null : `network ${network_code}`,
    advice_code === null ? null : `advice ${advice_code}`,
  ].filter((code) => code !== null);
  const later = outcome_at !== null && outcome_at !== sent_at ? `, known ${timeText(outcome_at, timeZone)}` : '';
  return `${outcome}${codes.length > 0 ? ` ${codes.join(', ')}` : ''}${later}`;
}

function countedText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name.replaceAll('_', ' ')} ${count}`)
    .join(', ');
}

const deeds: Readonly<Record<string, string>> = {
  paid: 'paid',
  overpaid: 'too much came in: a refund is proposed',
  retry: 'try again',
  wait_for_customer: 'wait for the customer',
  give_up: 'give up',
  ask_gateway: 'ask Xendit what became of it',
  hold: 'hold it for a person',
  release: 'it does not count: due again',
  void: 'void it',
  nothing: 'nothing more to do',
};

function decided({ kind, at }: { readonly kind: string; readonly at: string | null }, timeZone: string): string {
  const when = at === null ? '' : `${kind === 'wait_for_customer' ? ', until' : ','} ${timeText(at, timeZone)}`;
  return `${deeds[kind] ?? kind}${when}`;
}

function ending(charge: WholeChargeView, timeZone: string): string {
  const parts = [
    charge.collected > 0 ? `${moneyText(charge.collected, charge.currency)} collected` : null,
    charge.overpaid > 0 ? `${moneyText(charge.overpaid, charge.currency)} too much` : null,
    charge.refunded > 0 ? `${moneyText(charge.refunded, charge.currency)} refunded` : null,
    charge.hold_reason === null ? null : `for a person: ${charge.hold_reason}`,
    charge.next_attempt_at === null ? null : `next attempt ${timeText(charge.next_attempt_at, timeZone)}`,
    charge.waits_until === null ? null : `waits for the customer until ${timeText(charge.waits_until, timeZone)}`,
    charge.settled_at === null ? null : `settled ${timeText(charge.settled_at, timeZone)}`,
    // The last decision has said it already.
    charge.note === charge.attempts.at(-1)?.decision?.why ? null : charge.note,
  ].filter((part) => part !== null);
  const waysOut =
    charge.status === 'held'
      ? `\nOnce its cause is mended: dueday charges release ${charge.id}; if it is not owed: dueday charges void ${charge.id}`
      : '';
  return `It is ${[charge.status, ...parts].join('; ').replace(/\.$/, '')}.${waysOut}`;
}
