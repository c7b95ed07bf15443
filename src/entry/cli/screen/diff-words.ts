import type { CatalogDiff, PlanDiff } from '../../../flows/edits/diff-catalog.ts';
import { table } from './table.ts';
import { counted } from './wording.ts';

/** An edit of the catalog as people read it: the table of plans first, then each with its why and a few of those whom it is about. */
export function diffWords(diff: CatalogDiff, file: string, width: number | null): string {
  const { from_version, to_version, plans, others, totals, faults, digest } = diff;
  if (diff.nothing_to_do) return `Nothing to do: ${file} is version ${from_version}, which is in force.`;
  const becomes = to_version === null ? 'would be a new version' : `is version ${to_version}, which was stored before`;
  return [
    `Version ${from_version} is in force; ${file} ${becomes}.`,
    ...(plans.length === 0 ? ['No plan is sold otherwise.'] : ['', planTable(plans, width)]),
    ...plans.flatMap(planWords),
    ...(others.length === 0 ? [] : ['', `Beside the plans: ${others.join(', ')}.`]),
    '',
    ...totals.map(
      (total) =>
        `A month of ${counted(total.subscriptions, 'live subscription')}: ${total.currency} ${amount(total.monthly_before)} before, ${amount(total.monthly_after)} after, without tax, discounts and credit.`,
    ),
    ...(faults.length === 0 ? [`Put exactly this in force: dueday catalog apply --digest ${digest}`] : faults),
  ].join('\n');
}

function planTable(plans: readonly PlanDiff[], width: number | null): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  const columns = [
    { title: 'plan' },
    { title: 'what' },
    right('touched'),
    right('kept'),
    right('refused'),
    right('a month before'),
    right('a month after'),
    { title: '' },
  ];
  const rows = plans.map((plan) => [
    plan.plan,
    plan.change,
    String(plan.subscriptions),
    String(plan.kept),
    String(plan.refused),
    amount(plan.monthly_before),
    amount(plan.monthly_after),
    plan.currency,
  ]);
  return table(columns, rows, width);
}

function planWords({
  plan,
  fields,
  kept_why,
  refused_why,
  notices_owed,
  consents_owed,
  examples,
}: PlanDiff): readonly string[] {
  const reasons = (word: string, why: Readonly<Record<string, number>>) =>
    Object.entries(why).map(([text, count]) => `  ${counted(count, 'subscription')} ${word}: ${text}`);
  const lines = [
    ...fields.map(({ field, before, after }) => `  ${field}: ${before ?? 'none'} -> ${after ?? 'none'}`),
    ...(notices_owed === 0
      ? []
      : [`  ${counted(notices_owed, 'subscription')} would pay more, and only once these customers were told`]),
    ...(consents_owed === 0
      ? []
      : [`  ${counted(consents_owed, 'subscription')} of these would pay it only once they agree`]),
    ...reasons('kept', kept_why),
    ...reasons('refused', refused_why),
    ...examples.map(exampleWords),
  ];
  return lines.length === 0 ? [] : ['', `${plan}:`, ...lines];
}

function exampleWords({ reference, like, effect, before, after }: PlanDiff['examples'][number]): string {
  const text = (charges: typeof before) =>
    charges.map((charge) => `${charge.due_at.slice(0, 10)} ${amount(charge.amount)}`).join(', ') || 'nothing';
  const others = like === 1 ? '' : ` (one of ${like})`;
  if (effect === 'refused') return `  ${reference}${others}: refused; next ${text(before)}`;
  if (effect === 'kept') return `  ${reference}${others}: kept; next ${text(after)}`;
  return `  ${reference}${others}: next ${text(before)}; then ${text(after)}`;
}

function amount(major: number): string {
  return major.toLocaleString('en-US');
}
