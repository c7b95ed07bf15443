import type { Context } from '../../context.ts';
import { MOST_QUESTIONS } from '../../domain/refunds/looks.ts';
import { findingCounts } from '../../infra/tables/books/told-findings.ts';
import { heldCounts } from '../../infra/tables/charges/standing.ts';
import { countWaiting } from '../../infra/tables/refunds/refunds.ts';
import { disputeMatters } from './dispute-matters.ts';
import { findingMatters } from './finding-matters.ts';
import { heldMatters } from './held-matters.ts';
import { byUrgency, kindOfFinding, kindOfHold, type Matter, type MatterKind, MOST, matterKinds } from './matter.ts';
import { priceMatters } from './price-matters.ts';
import { refundMatters } from './refund-matters.ts';
import { stoppedMatters } from './stopped-matters.ts';

export type Queue = {
  /** By what is to be decided first, then by what waits longest. */
  readonly matters: readonly Matter[];
  readonly counts: Readonly<Record<MatterKind, number>>;
  /** Kinds of which there may be more than are read here. */
  readonly cut: ReadonlySet<MatterKind>;
};

const OF_HELD: readonly MatterKind[] = ['held', 'unknown', 'missed', 'disputed'];
const OF_FINDINGS: readonly MatterKind[] = ['overpaid', 'refund', 'books'];

/** All that waits for a person, in one list. */
export async function queue(ctx: Context, now: Temporal.Instant): Promise<Queue> {
  const [held, findings, refunds, ...others] = await Promise.all([
    heldMatters(ctx, now),
    findingMatters(ctx),
    refundMatters(ctx),
    disputeMatters(ctx),
    stoppedMatters(ctx, now),
    priceMatters(ctx),
  ]);
  const matters = alike([held, findings, refunds, ...others].flat()).toSorted(byUrgency);
  const cut = new Set<MatterKind>([
    ...(held.length > MOST ? OF_HELD : []),
    ...(findings.length > MOST ? OF_FINDINGS : []),
    ...(refunds.length > MOST ? (['refund'] as const) : []),
  ]);
  return { matters, counts: countsOf(matters.map(({ kind }) => ({ kind, count: 1 }))), cut };
}

/** How many wait, without reading their stories: what the menu says, and the head of the overview. */
export async function queueCount(ctx: Context, now: Temporal.Instant): Promise<number> {
  const [held, findings, refunds, disputes, stopped, prices] = await Promise.all([
    heldCounts(ctx.db, MOST + 1),
    findingCounts(ctx.db, MOST + 1),
    countWaiting(ctx.db, MOST_QUESTIONS, MOST + 1),
    disputeMatters(ctx),
    stoppedMatters(ctx, now),
    priceMatters(ctx),
  ]);
  const counts = countsOf([
    ...held.map(({ reason, count }) => ({ kind: kindOfHold(reason), count })),
    ...findings.map(({ kind, count }) => ({ kind: kindOfFinding(kind), count })),
    { kind: 'refund', count: refunds },
    ...[...disputes, ...stopped, ...prices].map(({ kind }) => ({ kind, count: 1 })),
  ]);
  return Object.values(counts).reduce((sum, one) => sum + one, 0);
}

function countsOf(found: readonly { readonly kind: MatterKind; readonly count: number }[]): Queue['counts'] {
  const of = (kind: MatterKind) => found.reduce((sum, one) => sum + (one.kind === kind ? one.count : 0), 0);
  return Object.fromEntries(matterKinds.map((kind) => [kind, of(kind)])) as Queue['counts'];
}

/** Those with the same cause name one another: who decides one may decide all. */
function alike(matters: readonly Matter[]): readonly Matter[] {
  const byCause = Map.groupBy(matters, ({ cause }) => cause);
  return matters.map((matter) => {
    const others = (matter.cause === null ? [] : (byCause.get(matter.cause) ?? [])).filter((one) => one !== matter);
    const [first] = others;
    if (first === undefined) return { ...matter, cause: null };
    const more = others.length === 1 ? '' : `, and ${others.length - 1} more`;
    return { ...matter, cause: `The same cause as ${first.title.split(': ')[1] ?? first.title}${more}.` };
  });
}
