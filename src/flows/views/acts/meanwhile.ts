import type { AsSeen, Context } from '../../../context.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import { eventWords } from '../../../domain/charges/story/words.ts';
import { entriesSince } from '../../../infra/tables/books/ledger.ts';

/** What the ledger says of a subscription since somebody looked at it. */
export type Meanwhile = {
  /** The id of the entry. */
  readonly entry: string;
  readonly at: Temporal.Instant;
  readonly words: string;
  readonly actor: string;
};

/** What happened since then, oldest first; more than a page of it is not told. */
export async function meanwhile(ctx: Context, { subscription, seq }: AsSeen): Promise<readonly Meanwhile[]> {
  const entries = await entriesSince(ctx.db, bucketOf(subscription), subscription, seq);
  return entries.map(({ entry_id: entry, at, kind, actor }) => ({
    entry: String(entry),
    at: Temporal.Instant.from(String(at)),
    words: eventWords(String(kind)),
    actor: String(actor),
  }));
}
