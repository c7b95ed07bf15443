import type { Context } from '../../context.ts';
import { type SetApart, setApart, stoppedRepricings } from '../../infra/tables/catalog/repricings.ts';
import type { RepricingRow } from '../../infra/tables/schema/terms-columns.ts';
import { type OwedOfPlan, owedOfPlans } from '../../infra/tables/subscriptions/owed-notices.ts';
import { owingNotices } from '../edits/owing-notices.ts';
import type { Matter } from './matter.ts';

/** Prices that wait: for customers who are still to be told, and for somebody who lets a repricing go on or has those tried again that it could not work on. */
export async function priceMatters(ctx: Context): Promise<readonly Matter[]> {
  const owing = await owingNotices(ctx);
  const [owed, stopped, apart] = await Promise.all([
    owing === null ? [] : owedOfPlans(ctx.db, owing),
    stoppedRepricings(ctx.db),
    setApart(ctx.db),
  ]);
  return [...owed.map((one) => owedMatter(ctx, one)), ...stopped.map(stoppedMatter), ...apart.map(apartMatter)];
}

const COMMON = {
  kind: 'price',
  path: '/queue?kind=price',
  stake: null,
  cause: null,
  charge: null,
  acts: null,
} as const;

function owedMatter({ catalog }: Context, { plan, subject, count, isCut, since, nextCycleAt }: OwedOfPlan): Matter {
  const sold = catalog.current.plans.get(plan);
  const days = sold?.noticeDays ?? 0;
  // Of those who were not counted may one be charged before.
  const first =
    nextCycleAt === null || isCut ? null : Temporal.Instant.from(nextCycleAt).subtract({ hours: days * 24 });
  const customers = count === 1 ? '1 customer is' : `${count} customers are`;
  const agree = sold?.silence === 'agrees' ? '' : ', and has to agree to it';
  return {
    ...COMMON,
    key: `notice ${plan} ${subject}`,
    title: `${isCut ? 'At least ' : ''}${customers} to be told of a higher price: ${plan}`,
    story: [
      `Version ${subject} of the catalog made ${plan} dearer. Whoever pays the old price is told ${days} days before${agree}.`,
      'The product tells them; what was sent is then written down for each subscription.',
    ],
    otherwise: 'The old price is charged to each of them until they were told.',
    since: Temporal.Instant.from(since),
    decideBy: first === null ? null : { at: first, words: 'whoever is charged first pays the old price once more' },
  };
}

function stoppedMatter({ number, plan, toVersion, reason, draftedAt }: RepricingRow): Matter {
  const why = reason === null ? '' : ` It was begun because: ${reason}.`;
  return {
    ...COMMON,
    key: `repricing ${number}`,
    title: `Repricing ${number} of ${plan} is stopped`,
    story: [`It moves subscriptions to the price of version ${toVersion}, and somebody stopped it.${why}`],
    otherwise: 'Whoever was moved stays moved, and nobody else is.',
    since: draftedAt,
    decideBy: null,
  };
}

function apartMatter({ number, plan, count, since }: SetApart): Matter {
  const subscriptions = count === 1 ? '1 subscription' : `${count} subscriptions`;
  return {
    ...COMMON,
    key: `repricing ${number} apart`,
    title: `Repricing ${number} of ${plan} could not work on ${subscriptions}`,
    story: [
      `"dueday catalog reprice status ${number} --state failed" says of each why it was set apart.`,
      `Once that is mended, "dueday catalog reprice resume ${number}" has them tried again.`,
    ],
    otherwise: 'They keep the price that they pay.',
    since: Temporal.Instant.from(since),
    decideBy: null,
  };
}
