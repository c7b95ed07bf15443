import pMap from 'p-map';
import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import { type SwitchVerdict, switchVerdict } from '../../domain/imports/switching.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { importsOf, livingOf } from '../../infra/tables/imports/book-names.ts';
import { keepLooks, rowsToSwitch, type WaitingRow } from '../../infra/tables/imports/import-rows.ts';
import { type SubscriptionDossier, subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { withCatalogInForce } from '../catalog/follow-catalog.ts';
import { applyEach, decideEach } from '../change/apply-each.ts';
import { LOST, untilApplied } from '../change/until-applied.ts';
import { resumptionOf } from '../charges/resumption.ts';
import { ofAccount } from '../control/of-account.ts';
import { isOverdue, openOverdue } from '../due-date/open-overdue.ts';
import { lookAtToken } from './token-look.ts';
import type { Watch } from './watch.ts';

export type SwitchInput = {
  /** So many are switched at most; null: all that can be. */
  readonly limit: number | null;
  readonly actor: string;
};

/** What became of a subscription that waited. */
export type SwitchedRow = {
  readonly file: string;
  readonly line: number;
  readonly reference: string;
  readonly became: SwitchVerdict['kind'];
  /** When it is charged next, of one that was switched. */
  readonly next_at: string | null;
  readonly why: string | null;
};

/** Looked at side by side. */
const TOGETHER = 8;

/**
 * Lets imported subscriptions go on here, each looked at once more: its state, its date, its customer's other subscriptions, and at Xendit
 * its method. Nothing is charged by this: each is charged next on the date of its file. One that cannot be switched now goes on waiting,
 * and its row says why.
 */
export async function switchImported(
  given: Context,
  input: SwitchInput,
  watch: Watch,
): Promise<readonly SwitchedRow[]> {
  const ctx = await withCatalogInForce(given);
  const all: SwitchedRow[] = [];
  let last: WaitingRow | null = null;
  for (let left = input.limit ?? Number.POSITIVE_INFINITY; left > 0; ) {
    const rows: readonly WaitingRow[] = await rowsToSwitch(ctx.db, ctx.buckets, last, Math.min(TOGETHER, left));
    last = rows.at(-1) ?? null;
    if (last === null) break;
    const became = await pMap(rows, (row) => switchRow(ctx, row, input.actor), { concurrency: TOGETHER });
    all.push(...became);
    left -= became.filter(({ became: kind }) => kind === 'switch').length;
    watch({ step: 'switching', done: all.length, of: input.limit, until: null });
  }
  if (all.some(({ became }) => became === 'switch')) ctx.wake();
  return all;
}

async function switchRow(ctx: Context, row: WaitingRow, actor: string): Promise<SwitchedRow> {
  const made = await untilApplied(
    () => switchOnce(ctx, row, actor),
    () => ({ verdict: BUSY, reference: row.referenceId, nextAt: null }),
  );
  const { verdict, reference, nextAt } = made;
  const why = 'why' in verdict ? verdict.why : null;
  const state = ({ switch: 'switched', done: 'switched', leave: 'left', wait: 'created' } as const)[verdict.kind];
  const { bucket, importId, line, file } = row;
  await keepLooks(
    ctx.db,
    ctx.buckets,
    [{ bucket, importId, line, state, why, lookedAt: await ctx.clock.now() }],
    ['created'],
  );
  ctx.failpoint?.('after-keeping-switch');
  return { file, line, reference, became: verdict.kind, next_at: nextAt?.toString() ?? null, why };
}

/** One that cannot be switched now goes on waiting, with its why, and keeps nobody else back. */
const BUSY: SwitchVerdict = { kind: 'wait', why: 'others change it again and again: try again' };
const HELD: SwitchVerdict = { kind: 'wait', why: 'somebody else holds on to its rows just now: try again' };
const BROKEN: SwitchVerdict = { kind: 'wait', why: 'its rows cannot be worked with: the log names the fault' };

type Made = {
  readonly verdict: SwitchVerdict;
  readonly reference: string;
  readonly nextAt: Temporal.Instant | null;
};

async function switchOnce(ctx: Context, row: WaitingRow, actor: string): Promise<Made | typeof LOST> {
  const now = await ctx.clock.now();
  const dossier = await subscriptionDossier(ctx.db, bucketOf(row.subscriptionId), row.subscriptionId);
  const { referenceId: reference } = row;
  if (dossier === null) return { verdict: { kind: 'leave', why: 'its subscription is gone' }, reference, nextAt: null };
  if (isOverdue(dossier.subscription, now) && (await openOverdue(ctx, [dossier], now))) return LOST;
  const verdict = await verdictOn(ctx, dossier, row, now);
  if (verdict.kind !== 'switch') return { verdict, reference, nextAt: null };
  const { decided } = await decideEach(ctx, [dossier], (one) => switched(ctx, one, row, actor, now));
  ctx.failpoint?.('before-switching');
  const { done, held, broken } = await applyEach(ctx, decided);
  ctx.failpoint?.('after-switching');
  if (done.size > 0) return { verdict, reference, nextAt: dossier.subscription.nextCycleAt };
  if (held.size > 0) return { verdict: HELD, reference, nextAt: null };
  return decided.length === 0 || broken.size > 0 ? { verdict: BROKEN, reference, nextAt: null } : LOST;
}

/** What the books say, and then Xendit: nobody is asked about one that cannot be switched anyway. */
async function verdictOn(
  ctx: Context,
  dossier: SubscriptionDossier,
  row: WaitingRow,
  now: Temporal.Instant,
): Promise<SwitchVerdict> {
  const { decided } = await decideEach(ctx, [dossier], async ({ subscription }) => {
    const other = await besides(ctx, subscription, row);
    return switchVerdict({ ...subscription, fileCycle: row.cycle, besides: other }, now);
  });
  const [verdict = BROKEN] = decided;
  if (verdict.kind !== 'switch') return verdict;
  const { token } = dossier;
  const fault = token === null ? 'it has no method' : await methodFault(ctx, token);
  return fault === null ? verdict : { kind: 'wait', why: `its method cannot be charged: ${fault}` };
}

/** Another subscription of its customer to the same plan; whoever has several in one file has them on purpose. */
async function besides(
  { db }: Context,
  { id, customerId, plan }: SubscriptionDossier['subscription'],
  { importId }: WaitingRow,
): Promise<string | null> {
  const others = (await livingOf(db, [customerId])).filter((one) => one.id !== id && one.plan === plan);
  if (others.length === 0) return null;
  const names = others.map(({ referenceId }) => referenceId);
  const imports = await importsOf(db, names);
  return names.find((name) => imports.get(name) !== importId) ?? null;
}

async function methodFault(ctx: Context, token: NonNullable<SubscriptionDossier['token']>): Promise<string | null> {
  if (token.status !== 'active') return `it has ended here (${token.status})`;
  if (token.tokenId === null) return 'no key of DUEDAY_TOKEN_KEYS opens its payment token';
  const look = await lookAtToken(ofAccount(ctx, OWN_ACCOUNT), token.tokenId);
  if (look.kind === 'unfit') return look.why;
  return look.method.status === 'active' ? null : `it is ${look.method.status} at Xendit`;
}

/** As a resume that charges nothing, and says from which line it came. */
async function switched(
  ctx: Context,
  dossier: SubscriptionDossier,
  { file, line }: WaitingRow,
  actor: string,
  now: Temporal.Instant,
): Promise<Change> {
  const change = await resumptionOf(ctx, dossier, { onResume: 'void', actor }, now);
  const why = `switched: it was imported from ${file}, line ${line}, and is billed here from now on`;
  const entries = change.entries.map((entry) => (entry.kind === 'subscription.resumed' ? { ...entry, why } : entry));
  return { ...change, entries };
}
