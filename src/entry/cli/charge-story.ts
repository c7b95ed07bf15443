import { type Step, storyOf } from '../../domain/charges/story/story.ts';
import type { WholeChargeView } from '../../flows/views/list-charges.ts';
import { moneyText, placeText, timeText } from './screen/wording.ts';

/** What happened to a charge and why, step by step, as a person would tell it: in the words of its page. */
export function chargeStory(charge: WholeChargeView): string {
  const timeZone = charge.time_zone;
  const who = charge.customer_reference ?? 'an unnamed customer';
  const { sentence, steps } = storyOf(charge);
  const { start, end } = charge.period;
  return [
    `Charge ${charge.id}`,
    `${moneyText(charge.amount, charge.currency)} of ${who} for ${charge.plan}, ${placeText(charge.cycle)}: ${start} to ${end}.`,
    `Subscription ${charge.subscription_reference}. Due ${timeText(charge.due_at, timeZone)}; all times are ${timeZone}.`,
    '',
    ...steps.flatMap((step) => [...lines(step, timeZone), '']),
    ...(charge.attempts.length === 0 ? ['Nothing was sent to Xendit.', ''] : []),
    `It is ${charge.status}. ${sentence}${waysOut(charge)}`,
  ].join('\n');
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
