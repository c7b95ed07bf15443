import pMap from 'p-map';
import type { Context } from '../../context.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import { importedMethodFault } from '../../domain/imports/imported-method.ts';
import type { ImportedRow } from '../../domain/imports/imported-row.ts';
import { type KnownRow, keepLooks, type LookedRow, rowsBetween } from '../../infra/tables/imports/import-rows.ts';
import { backgroundPace } from '../control/background-pace.ts';
import { ofAccount } from '../control/of-account.ts';
import { fileRows } from './file-rows.ts';
import { isSameLine } from './same-line.ts';
import { lookAtToken, type TokenLook } from './token-look.ts';
import type { Watch } from './watch.ts';

/** Asked about side by side, and kept together: a process that dies asks about so many again. */
const TOGETHER = 16;

export type Looking = { readonly importId: string; readonly path: string; readonly rows: number };

/** Asks Xendit about each token of a file that it was not asked about yet; answers how many there were. */
export async function lookUpTokens(
  ctx: Context,
  { importId, path, rows }: Looking,
  now: Temporal.Instant,
  watch: Watch,
): Promise<number> {
  const began = ctx.monotonic();
  let [done, asked] = [0, 0];
  const { db, buckets } = ctx;
  for await (const batch of fileRows(ctx, path, now)) {
    const known = await rowsBetween(db, buckets, importId, batch);
    const at = await ctx.clock.now();
    for (let from = 0; from < batch.rows.length; from += TOGETHER) {
      const some = batch.rows.slice(from, from + TOGETHER);
      const looks = await pMap(some, (row) => lookFor(ctx, importId, row, known.get(row.line), at), {
        concurrency: TOGETHER,
      });
      const news = looks.filter((look) => look !== null);
      ctx.failpoint?.('before-keeping-looks');
      await keepLooks(db, buckets, news, ['unknown', 'good', 'refused']);
      ctx.failpoint?.('after-keeping-looks');
      [done, asked] = [done + some.length, asked + news.length];
      const minutes = minutesFor(ctx, rows - done, asked, ctx.monotonic() - began);
      const until = asked === 0 ? null : (await ctx.clock.now()).add({ seconds: Math.round(60 * minutes) });
      watch({ step: 'asking', done, of: rows, until });
    }
  }
  return asked;
}

/** How long so many look-ups take, by the pace that is allowed or, without one, by how long the last ones took. */
export function minutesFor(ctx: Context, left: number, asked = 0, milliseconds = 0): number {
  const pace = backgroundPace(ctx);
  if (pace !== null) return left / pace;
  return asked === 0 ? 0 : (left * milliseconds) / asked / 60_000;
}

/** What Xendit says of the token of a line, judged for that line; null: it is known, and good, or it is another line by now. */
async function lookFor(
  ctx: Context,
  importId: string,
  row: ImportedRow,
  known: KnownRow | undefined,
  at: Temporal.Instant,
): Promise<LookedRow | null> {
  if (known === undefined || (known.state !== 'unknown' && known.state !== 'good')) return null;
  if (!isSameLine(ctx, row, known)) return null;
  const { bucket, line, method: before, state } = known;
  const look: TokenLook =
    before === null ? await lookAtToken(ofAccount(ctx, OWN_ACCOUNT), row.tokenId) : { kind: 'found', method: before };
  // Xendit may have kept its answer back for long; what is known already is judged as of its batch.
  const lookedAt = before === null ? await ctx.clock.now() : at;
  const { mandateYears } = ctx.catalog.current.defaults;
  const why = look.kind === 'unfit' ? look.why : importedMethodFault(look.method, row, mandateYears, lookedAt);
  if (why === null && state === 'good') return null;
  const method = look.kind === 'found' && why === null ? look.method : null;
  return { bucket, importId, line, state: why === null ? 'good' : 'refused', method, why, lookedAt };
}
