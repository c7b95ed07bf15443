import type { Context } from '../../../context.ts';
import { canonicalJson } from '../../../domain/books/canonical-json.ts';
import { localDate } from '../../../domain/calendar/cycle.ts';
import type { SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import { termsText } from '../../change/terms-in-force.ts';
import type { ChangeBody } from './asked-change.ts';
import type { WorkedOut } from './worked-out.ts';

/** What somebody was shown of a change, and asked for with its token. */
export type Previewed = {
  readonly body: ChangeBody;
  /** Until when it may be asked for. */
  readonly goodUntil: Temporal.Instant;
  /** What the change comes to, by names that people read. */
  readonly facts: Readonly<Record<string, unknown>>;
};

/**
 * Until when a change comes to what it comes to now, if nothing happens meanwhile: days are counted, so until the end of the day where
 * the subscription is; and until its next cycle falls due.
 */
export function goodUntil({ timeZone, nextCycleAt }: SubscriptionRow, now: Temporal.Instant): Temporal.Instant {
  const midnight = localDate(now, timeZone).add({ days: 1 }).toZonedDateTime({ timeZone }).toInstant();
  return nextCycleAt !== null && Temporal.Instant.compare(nextCycleAt, midnight) < 0 ? nextCycleAt : midnight;
}

/** A token that carries what was shown: nothing is kept for it, and no other subscription takes it. */
export function previewToken(ctx: Context, id: string, { body, goodUntil: until, facts }: Previewed): string {
  const clear = canonicalJson({ body, until: until.toString(), facts });
  return Buffer.from(ctx.db.vault.seal(placeOfPreview(id), clear)).toString('base64url');
}

/** What a token carries; null: it is none that this installation gave for this subscription. */
export function readPreviewToken(ctx: Context, id: string, token: string): Previewed | null {
  const clear = ctx.db.vault.open(placeOfPreview(id), Buffer.from(token, 'base64url').toString());
  if (clear === null) return null;
  try {
    const { body, until, facts } = JSON.parse(clear) as { body: ChangeBody; until: string; facts: object };
    return { body, goodUntil: Temporal.Instant.from(until), facts: { ...facts } };
  } catch {
    return null;
  }
}

const placeOfPreview = (id: string) => ({ table: 'changes', id, column: 'preview' });

/** What a change comes to: all that somebody who was shown it relies on. */
export function factsOf({ change, lines, sums, paidFirst }: WorkedOut): Previewed['facts'] {
  const { terms, on, applies } = change;
  const { catalog_version: _priced, ...after } = termsText(terms);
  const told = lines.map(({ text, amount }) => `${text}: ${amount}`);
  return {
    ...after,
    first_day: on.toString(),
    applies: typeof applies === 'string' ? applies : applies.toString(),
    lines: told,
    sum: sums.amount.toString(),
    tax: (sums.taxIncluded + sums.taxAdded).toString(),
    given_back: sums.givenBack.toString(),
    pay_first: paidFirst?.by ?? 'no',
  };
}

/** What is not as it was shown, in words; null: all of it is, and the token is still good. */
export function movedSince(
  { facts, goodUntil: until }: Previewed,
  worked: WorkedOut,
  now: Temporal.Instant,
): string | null {
  if (Temporal.Instant.compare(now, until) >= 0)
    return `The preview was good until ${until.toString()}: make another one.`;
  const here = factsOf(worked);
  const moved = Object.keys(here).filter((name) => canonicalJson(here[name]) !== canonicalJson(facts[name] ?? null));
  if (moved.length === 0) return null;
  const said = moved.map((name) => `${name} was ${shown(facts[name])} and is ${shown(here[name])}`).join('; ');
  return `It is not as it was previewed: ${said}. Nothing was changed: make another preview.`;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : canonicalJson(value ?? null);
}
