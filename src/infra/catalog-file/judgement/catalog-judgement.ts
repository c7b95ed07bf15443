import { channelJudgements, priceJudgements } from './judge-channels.ts';
import { dunningJudgements, planTimeJudgements } from './judge-dunning.ts';
import { limitJudgements } from './judge-limits.ts';
import { noticeJudgements } from './judge-notices.ts';
import { placeJudgements, zoneAbroad } from './judge-places.ts';
import { taxJudgements } from './judge-taxes.ts';
import { plansIn } from './judged-plan.ts';
import type { Judgement } from './judgement.ts';

/**
 * What reads well field by field, and cannot be meant. Only of a file that is new: a version that is stored was taken by the
 * rules of its day, and is read by them for as long as a charge comes from it.
 */
export function judgements(values: unknown): readonly Judgement[] {
  const plans = plansIn(values);
  return [
    ...placeJudgements(values),
    ...channelJudgements(values, plans),
    ...plans.flatMap((plan) => [...zoneAbroad(values, plan), ...priceJudgements(plan), ...taxJudgements(values, plan)]),
    ...plans.flatMap((plan) => planTimeJudgements(values, plan)),
    ...plans.flatMap(noticeJudgements),
    ...dunningJudgements(values),
    ...limitJudgements(values, plans),
  ];
}
