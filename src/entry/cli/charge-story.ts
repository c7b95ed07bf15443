import { type Step, storyOf } from '../../domain/charges/story/story.ts';
import type { WholeChargeView } from '../../flows/views/list-charges.ts';
import { moneyText, placeText, timeText } from './screen/wording.ts';

/** What happened to a charge and why, step by step, as a person would tell it: in the words of its page. */
export function chargeStory(charge: WholeChargeView): string {
  const timeZone = charge.time_zone;
  const who = charge.customer_reference ?? 'an unnamed customer';
  const { sentence, steps, asked } = storyOf(charge);
  const { start, end } = charge.period;
  return [
    `Charge ${charge.id}`,
    `${moneyText(charge.amount, charge.currency)} of ${who} for ${charge.plan}, ${placeText(charge.cycle)}: ${start} to ${end}.`,
    `Subscription ${charge.subscription_reference}. Due ${timeText(charge.due_at, timeZone)}; all times are ${timeZone}.`,
    ...priceStory(charge),
    '',
    ...steps.flatMap((step) => [...lines(step, timeZone), '']),
    ...(charge.attempts.length === 0 ? ['Nothing was sent to Xendit.', ''] : []),
    ...asked.map(({ words, value }) => `Its customer is asked for ${words}:\n   ${value}`),
    `It is ${charge.status}. ${sentence}${waysOut(charge)}`,
  ].join('\n');
}

/** Where a price comes from that its customer did not agree to first: the version, what they were told, and what they answered. */
function priceStory({ price, currency, time_zone: zone }: WholeChargeView): readonly string[] {
  if (price === null || price.origin === 'created') return [];
  const { catalog_version: version, unit_amount: amount, from_cycle: from, origin, notice, consent } = price;
  const by = origin === 'repriced' ? ', a newer price of its plan' : '';
  return [
    `Its price is ${moneyText(amount, currency)} of catalog version ${version}, from cycle ${from} on${by}.`,
    ...(notice === null
      ? []
      : [
          `   ${'told'.padEnd(18)}${timeText(notice.sent_at, zone)}, by ${notice.channel}${kept(notice.evidence)}; written down by ${notice.actor}`,
        ]),
    ...(consent === null
      ? []
      : [
          `   ${`consent ${consent.answer}`.padEnd(18)}${timeText(consent.answered_at, zone)}${kept(consent.evidence)}; written down by ${consent.actor}`,
        ]),
  ];
}

function kept(evidence: string | null): string {
  return evidence === null ? '' : ` (${evidence})`;
}

function lines({ at, isAhead, heading, text, decision, facts }: Step, timeZone: string): readonly string[] {
  return [
    `${isAhead ? '>' : '-'}  ${timeText(at, timeZone)}  ${heading}`,
    ...[...text, decision ?? []].flat().map((sentence) => `   ${sentence}`),
    ...facts.map(([name, value]) => `   ${name.padEnd(18)}${value}`),
  ];
}

function waysOut({ id, status }: WholeChargeView): string {
  if (status !== 'held') return '';
  return `\nOnce its cause is mended: dueday charges release ${id}; if it is not owed: dueday charges void ${id}`;
}
