import { at } from '../catalog-values.ts';
import type { JudgedPlan } from './judged-plan.ts';
import type { Judgement } from './judgement.ts';

/** What silence means is said where a customer is asked: where a notice is enough, it is agreement. */
export function noticeJudgements({ path, fields }: JudgedPlan): readonly Judgement[] {
  const notice = at(fields, 'notice');
  if (at(notice, 'silence') === undefined || at(notice, 'consent') === 'opt_in') return [];
  const message = 'needs consent: opt_in: where a notice is enough, silence is agreement';
  return [{ path: [...path, 'notice', 'silence'], message, about: 'value', severity: 'fault' }];
}
