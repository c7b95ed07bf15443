import type { Context } from '../../../context.ts';
import type { ItemState } from '../../../domain/subscriptions/repricing/repricing.ts';
import { itemCounts, repricedPage } from '../../../infra/tables/catalog/repricing-items.ts';
import { goOn, repricingOf, stopRunning } from '../../../infra/tables/catalog/repricings.ts';
import { withCatalogInForce } from '../../catalog/follow-catalog.ts';
import { countOwed } from '../owing-notices.ts';
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
export async function repricingStatus(given: Context, { number, state, limit }: StatusInput) {
  const ctx = await withCatalogInForce(given);
  const { db } = ctx;
  const row = await repricingOf(db, number);
  if (row === null) return null;
  const [counts, missing, items] = await Promise.all([
    itemCounts(db, row.number),
    countOwed(ctx, row.number),
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
    resumed_at: row.resumedAt?.toString() ?? null,
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
export async function stopRepricing({ db, log }: Context, asked: number | null): Promise<MovedRepricing> {
  const row = await repricingOf(db, asked);
  if (row === null) return unknown(asked);
  const { number, plan, state } = row;
  if (state === 'stopped') return { kind: 'as_asked', number };
  if (!(await stopRunning(db, number))) return { kind: 'refused', detail: nobodyWaits(number) };
  log.info('repricing is stopped', { repricing: number, plan });
  return { kind: 'moved', number };
}

/** Lets a repricing go on that was stopped, with those who still wait; and one that is done, with those that were set apart. */
export async function resumeRepricing({ db, clock, log }: Context, asked: number | null): Promise<MovedRepricing> {
  const row = await repricingOf(db, asked);
  if (row === null) return unknown(asked);
  const { number, plan, state } = row;
  if (state === 'running') return { kind: 'as_asked', number };
  const { failed } = countsOf(await itemCounts(db, number));
  if (state === 'done' && failed === 0) return { kind: 'refused', detail: nobodyWaits(number) };
  if (!(await goOn(db, number, await clock.now())))
    return {
      kind: 'refused',
      detail: `Another repricing of ${plan} came after repricing ${number}, and takes its place.`,
    };
  log.info('repricing goes on', { repricing: number, plan, tried_again: failed });
  return { kind: 'moved', number };
}

function unknown(asked: number | null): MovedRepricing {
  return { kind: 'refused', detail: asked === null ? 'There is no repricing.' : `There is no repricing ${asked}.` };
}

function nobodyWaits(number: number): string {
  return `Repricing ${number} is done: nobody of it waits.`;
}
