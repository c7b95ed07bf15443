import { dueInstant } from '../calendar/cycle.ts';
import type { MethodEnd } from './method-end.ts';

/** So many days before its end it is told of a method that it expires. */
export const NOTICE_DAYS = [30, 7, 1] as const;
export type NoticeDays = (typeof NOTICE_DAYS)[number];

/** What is to be told of a method now, and when it is looked at next; null: nothing, and never again. */
export type Notices = { readonly tell: NoticeDays | null; readonly next: Temporal.Instant | null };

/**
 * Which notice of a method's end is due, each once, at the subscription's hour of charges. Of several that nobody told while nothing ran
 * only the last is: the others said the same of more days than are left. `told`: the one that was told last; null: none was.
 */
export function noticesOf(
  end: MethodEnd,
  told: number | null,
  { timeZone, chargeAt }: { readonly timeZone: string; readonly chargeAt: string },
  now: Temporal.Instant,
): Notices {
  const all = NOTICE_DAYS.map((days) => ({ days, at: dueInstant(end.on.subtract({ days }), chargeAt, timeZone) }));
  const due = all.findLast(({ at }) => Temporal.Instant.compare(at, now) <= 0)?.days ?? null;
  const next = all.find(({ at }) => Temporal.Instant.compare(at, now) > 0)?.at ?? null;
  return { tell: due !== null && (told === null || told > due) ? due : null, next };
}
