import { momentText } from '../../calendar/moment-text.ts';
import { moneyText } from '../../money/money-text.ts';
import type { ToldCharge } from './told-charge.ts';
import { declineWords, holdWords } from './words.ts';

/** How a charge stands, why, and what comes next, in one or two sentences. */
export function standingSentence(charge: ToldCharge): string {
  return [stands(charge), overpaid(charge)].filter((text) => text !== '').join(' ');
}

function stands(charge: ToldCharge): string {
  switch (charge.status) {
    case 'due':
      return isDue(charge);
    case 'attempting':
      return isOnItsWay(charge);
    case 'held':
      return `It waits for a person: ${holdWords(charge.hold_reason)}. Nothing of it is tried until somebody decides.`;
    case 'paid':
      return `${moneyText(charge.collected, charge.currency)} came in${when(charge.settled_at, charge)}${tries(charge)}.`;
    case 'uncollectible':
      return `It was given up${when(charge.settled_at, charge)}${because(charge)}. It stays owed, and nothing of it is tried by itself.`;
    case 'void':
      return `It is not owed${because(charge)}.`;
    default:
      return `${moneyText(charge.refunded, charge.currency)} of ${moneyText(charge.collected, charge.currency)} went back.`;
  }
}

function isDue(charge: ToldCharge): string {
  const { next_attempt_at: next, waits_until: until, time_zone: zone, failure_code: code } = charge;
  const why = code === null ? '' : `Declined: ${declineWords(code, charge.attempts.at(-1)?.class ?? null)}. `;
  if (until !== null) return `${why}It waits for its customer until ${momentText(until, zone)}.`;
  if (next === null) return `${why}It is due, and not planned to be tried${because(charge)}.`;
  const named = code === null && charge.attempts.length === 0 ? 'first' : 'next';
  return `${why}The ${named} attempt is planned for ${momentText(next, zone)}.`;
}

function isOnItsWay({ attempts }: ToldCharge): string {
  const last = attempts.at(-1);
  if (last === undefined || last.outcome === null) return `Attempt ${last?.number ?? 1} is on its way.`;
  return `Nobody knows yet whether attempt ${last.number} moved money. Nothing new is tried until Xendit has told.`;
}

function tries({ attempts }: ToldCharge): string {
  const last = attempts.at(-1)?.number ?? 0;
  return last === 0 ? '' : last === 1 ? ', at the first try' : `, with attempt ${last}`;
}

function when(at: string | null, { time_zone }: ToldCharge): string {
  return at === null ? '' : ` on ${momentText(at, time_zone)}`;
}

function because({ note }: ToldCharge): string {
  return note === null || note === '' ? '' : `: ${note.replace(/^void: /, '').replace(/\.$/, '')}`;
}

function overpaid({ overpaid: more, currency }: ToldCharge): string {
  return more > 0 ? `${moneyText(more, currency)} too much came in.` : '';
}
