import type { Context } from '../../../context.ts';
import type { ItemState } from '../../../domain/subscriptions/repricing/repricing.ts';
import { itemCounts, noticesMissing, repricedPage } from '../../../infra/tables/catalog/repricing-items.ts';
import { moveRepricing, repricingOf } from '../../../infra/tables/catalog/repricings.ts';
import { countsOf } from './figures.ts';

export type RepricingStatus = NonNullable<Awaited<ReturnType<typeof repricingStatus>>>;

export type StatusInput = {
  /** Null: the last one. */
  readonly number: number | null;
  /** Which of its subscriptions are listed; null: of every state. */
  readonly state: ItemState | null;
  readonly limit: number;
};

/** How far a repricing has come, with its subscriptions one by one; null: there is none. */
export async function repricingStatus({ db }: Context, { number, state, limit }: StatusInput) {
  const row = await repricingOf(db, number);
  if (row === null) return null;
  const [counts, missing, items] = await Promise.all([
    itemCounts(db, row.number),
    noticesMissing(db, row.number),
    repricedPage(db, row.number, state, null, limit),
  ]);
  const byState = countsOf(counts);
  return {
    repricing: row.number,
    state: row.state,
    plan: row.plan,
    to_version: row.toVersion,
    filter: [...row.filter],
    limit: row.most,
    by: row.actor,
    reason: row.reason,
    drafted_at: row.draftedAt.toString(),
    ended_at: row.endedAt?.toString() ?? null,
    subscriptions: counts.reduce((sum, { count }) => sum + count, 0),
    by_state: byState,
    why: counts.filter(({ why }) => why !== null),
    notices_missing: missing,
    data: items.map(({ subscriptionId, reference, state: became, why, decidedAt }) => ({
      subscription: subscriptionId,
      reference_id: reference,
      state: became,
      why,
      at: decidedAt?.toString() ?? null,
    })),
  };
}

export type MovedRepricing =
  | { readonly kind: 'moved' | 'as_asked'; readonly number: number }
  | { readonly kind: 'refused'; readonly detail: string };

/** Stops a repricing: whoever was moved stays moved, and nobody else is. The batch that is being written is finished. */
export async function stopRepricing(ctx: Context, number: number | null): Promise<MovedRepricing> {
  return await move(ctx, number, 'stopped');
}

/** Lets a repricing go on that was stopped, with those who still wait. */
export async function resumeRepricing(ctx: Context, number: number | null): Promise<MovedRepricing> {
  return await move(ctx, number, 'running');
}

async function move({ db, log }: Context, asked: number | null, to: 'stopped' | 'running'): Promise<MovedRepricing> {
  const row = await repricingOf(db, asked);
  if (row === null)
    return { kind: 'refused', detail: asked === null ? 'There is no repricing.' : `There is no repricing ${asked}.` };
  const { number, plan, state } = row;
  if (state === to) return { kind: 'as_asked', number };
  if (state === 'done') return { kind: 'refused', detail: `Repricing ${number} is done: nobody of it waits.` };
  if (!(await moveRepricing(db, number, state, to)))
    return {
      kind: 'refused',
      detail: `Another repricing of ${plan} came after repricing ${number}, and takes its place.`,
    };
  log.info(to === 'stopped' ? 'repricing is stopped' : 'repricing goes on', { repricing: number, plan });
  return { kind: 'moved', number };
}
