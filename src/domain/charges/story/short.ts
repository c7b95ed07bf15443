import { momentText } from '../../calendar/moment-text.ts';
import { failureCodes } from '../../declines/decline.ts';
import type { ChargeStatus } from '../charge.ts';
import { declineWords, holdWords } from './words.ts';

type Told = {
  readonly status: ChargeStatus;
  readonly attempts: number;
  readonly lastFailureCode: string | null;
  readonly nextAttemptAt: Temporal.Instant | null;
  readonly waitsUntil: Temporal.Instant | null;
  readonly holdReason: string | null;
  readonly note: string | null;
};

/** Why a charge stands as it does and what comes next, as short as a row of a list. */
export function shortWhy(charge: Told, timeZone: string, now: Temporal.Instant): string {
  const { status, attempts, holdReason, note } = charge;
  switch (status) {
    case 'paid':
      return attempts === 0 ? 'Not by an attempt' : attempts === 1 ? 'First try' : `With attempt ${attempts}`;
    case 'held':
      return upper(holdWords(holdReason));
    case 'attempting':
      return `Attempt ${attempts}`;
    case 'due':
      return [declined(charge), next(charge, timeZone, now)].filter((part) => part !== '').join(', ');
    case 'uncollectible':
      return declined(charge) === '' ? plain(note) : `${declined(charge)}, given up`;
    default:
      return plain(note);
  }
}

function declined({ lastFailureCode: code }: Told): string {
  return code === null ? '' : upper(declineWords(code, failureCodes[code]?.class ?? null));
}

function next({ nextAttemptAt, waitsUntil, lastFailureCode }: Told, timeZone: string, now: Temporal.Instant): string {
  if (waitsUntil !== null) return `waits until ${momentText(waitsUntil.toString(), timeZone)}`;
  if (nextAttemptAt === null)
    return lastFailureCode === null ? 'Not planned to be tried' : 'not planned to be tried again';
  const isInLine = Temporal.Instant.compare(nextAttemptAt, now) <= 0;
  const said = isInLine ? 'in line' : `next try ${momentText(nextAttemptAt.toString(), timeZone)}`;
  return lastFailureCode === null ? upper(said) : said;
}

function plain(note: string | null): string {
  return upper((note ?? '').replace(/\.$/, ''));
}

function upper(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
