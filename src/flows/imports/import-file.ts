import { basename } from 'node:path';
import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import type { ImportFault } from '../../domain/imports/header.ts';
import { bucketOfName } from '../../infra/ids.ts';
import { wholeFile } from '../../infra/subscriber-file/whole-file.ts';
import { ownersOf } from '../../infra/tables/imports/book-names.ts';
import { addRows, forgetOldLooks, refusedRows } from '../../infra/tables/imports/import-rows.ts';
import { beginImport, type ImportRow, importOf, moveImport } from '../../infra/tables/imports/imports.ts';
import { withCatalogInForce } from '../catalog/follow-catalog.ts';
import { checkFile } from './check-file.ts';
import { createImported } from './create-imported.ts';
import { fileRows } from './file-rows.ts';
import { lookUpTokens } from './look-up-tokens.ts';
import { CHANGED } from './same-line.ts';
import type { Watch } from './watch.ts';

export type ImportInput = {
  readonly path: string;
  readonly actor: string;
  /** Looks at all of it, tokens included, and creates nobody. */
  readonly dryRun: boolean;
};

export type LeftRow = { readonly line: number; readonly why: string };

export type Imported =
  /** Nothing was written, and nobody was asked about a token. */
  | { readonly kind: 'faults'; readonly faults: readonly ImportFault[]; readonly count: number }
  /** Tokens of these lines cannot be charged: nobody was created. */
  | { readonly kind: 'refused'; readonly id: string; readonly rows: number; readonly left: readonly LeftRow[] }
  | { readonly kind: 'checked'; readonly id: string; readonly rows: number }
  /** Only looked at, while some of its subscriptions are there already and the others are still to be created. */
  | { readonly kind: 'under_way'; readonly id: string; readonly rows: number }
  | {
      readonly kind: 'created' | 'nothing_to_do';
      readonly id: string;
      readonly rows: number;
      readonly left: readonly LeftRow[];
    };

/** What Xendit said of a token holds for so long; it is asked again before a subscription is switched. */
const LOOK_HOLDS = { hours: 24 };
/** Lines that are named; how many there are is told by `import status`. */
const MOST_NAMED = 1_000;

/**
 * Takes over the subscribers of another biller, from a file. First everything that is wrong with it is told; then Xendit is asked about
 * each token; only then, and only if all are good, are subscriptions created, which wait for their switch. The file's digest is the name of
 * the import, so that the same file again goes on where a process stopped, and has nothing to do once it is done.
 */
export async function importFile(given: Context, input: ImportInput, watch: Watch): Promise<Imported> {
  const ctx = await withCatalogInForce(given);
  const { digest } = await wholeFile(input.path);
  const before = await importOf(ctx.db, digest);
  const begun = await goneOn(ctx, input, before, watch);
  if (begun !== null) return begun;
  const good = await looked(ctx, input, before, watch);
  // Names of a good file may be those that another process has just created from it.
  if ('kind' in good) return (await goneOn(ctx, input, await importOf(ctx.db, digest), watch)) ?? good;
  if (input.dryRun) return { kind: 'checked', id: digest, rows: good.rows };
  ctx.failpoint?.('before-beginning-to-create');
  await moveImport(ctx.db, digest, 'creating');
  return await create(ctx, input, good, watch);
}

/** What becomes of an import whose subscriptions are there, or being created; null: it is not that far. */
async function goneOn(
  ctx: Context,
  input: ImportInput,
  before: ImportRow | null,
  watch: Watch,
): Promise<Imported | null> {
  if (before?.state === 'created') return await doneOf(ctx, before, 'nothing_to_do');
  if (before?.state !== 'creating') return null;
  const { digest: id, rows } = before;
  return input.dryRun ? { kind: 'under_way', id, rows } : await create(ctx, input, before, watch);
}

/** The import once every line of it and every token is good; or what is not. */
async function looked(
  ctx: Context,
  input: ImportInput,
  before: ImportRow | null,
  watch: Watch,
): Promise<ImportRow | Imported> {
  const now = await ctx.clock.now();
  const checked = await checkFile(ctx, input.path, now, watch);
  if (checked.faultCount > 0) return { kind: 'faults', faults: checked.faults, count: checked.faultCount };
  const { digest, rows } = checked;
  const begun = before ?? {
    digest,
    file: basename(input.path),
    rows,
    state: 'checking',
    actor: input.actor,
    startedAt: now,
    createdAt: null,
  };
  await beginImport(ctx.db, begun);
  await forgetOldLooks(ctx.db, ctx.buckets, digest, now.subtract(LOOK_HOLDS));
  await writeRows(ctx, input.path, digest, now);
  const asked = await lookUpTokens(ctx, { importId: digest, path: input.path, rows }, now, watch);
  const left = await refusedRows(ctx.db, ctx.buckets, digest, MOST_NAMED);
  await moveImport(ctx.db, digest, left.length > 0 ? 'refused' : 'checked');
  if (left.length > 0) return { kind: 'refused', id: digest, rows, left };
  if ((await wholeFile(input.path)).digest !== digest)
    return { kind: 'faults', faults: [{ line: 1, column: null, message: CHANGED }], count: 1 };
  if (asked === 0) return begun;
  // Asking may have taken hours: what was to come by then may be over, and names may be taken.
  const again = await checkFile(ctx, input.path, await ctx.clock.now(), () => undefined);
  if (again.faultCount > 0) return { kind: 'faults', faults: again.faults, count: again.faultCount };
  return begun;
}

/** Writes down which lines there are, each in the bucket of its customer. */
async function writeRows(ctx: Context, path: string, importId: string, now: Temporal.Instant): Promise<void> {
  const { db, buckets } = ctx;
  for await (const { rows } of fileRows(ctx, path, now)) {
    const owners = await ownersOf(
      db,
      'customer',
      rows.map(({ customerReference }) => customerReference),
    );
    const lines = rows.map(({ line, referenceId, cycle, customerReference, tokenId }) => {
      const known = owners.get(customerReference);
      const bucket = known === undefined ? bucketOfName(customerReference) : bucketOf(known);
      const tokenIndex = db.vault.index(tokenId);
      return { bucket, importId, line, referenceId, cycle, state: 'unknown' as const, tokenIndex };
    });
    ctx.failpoint?.('before-writing-lines');
    await addRows(db, buckets, lines, now.subtract(LOOK_HOLDS));
  }
}

async function create(ctx: Context, { path, actor }: ImportInput, begun: ImportRow, watch: Watch): Promise<Imported> {
  const { digest: importId, file, rows } = begun;
  const now = await ctx.clock.now();
  await createImported(ctx, { importId, file, actor, path, rows }, now, watch);
  ctx.failpoint?.('before-ending-import');
  await moveImport(ctx.db, importId, 'created', await ctx.clock.now());
  ctx.wake();
  return await doneOf(ctx, begun, 'created');
}

async function doneOf(
  { db, buckets }: Context,
  { digest, rows }: ImportRow,
  kind: 'created' | 'nothing_to_do',
): Promise<Imported> {
  const left = await refusedRows(db, buckets, digest, MOST_NAMED);
  return { kind, id: digest, rows, left };
}
