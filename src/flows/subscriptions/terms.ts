import type { Context } from '../../context.ts';
import { localDate } from '../../domain/cycle.ts';
import type { Plan, ReturnUrls } from '../../domain/plan.ts';

/** A bad field of the request, in words that follow its name. */
export type Fault = { readonly field: string; readonly message: string };

/** What the request says of them; null: as the plan does. */
export type AskedTerms = {
  readonly plan: string;
  readonly timeZone: string | null;
  readonly returnUrls: { readonly success: string | null; readonly cancel: string | null };
  readonly anchorDate: Temporal.PlainDate | null;
};

/** What is agreed on beside the plan. */
export type Terms = {
  readonly timeZone: string;
  readonly returnUrls: ReturnUrls;
  readonly anchorDate: Temporal.PlainDate | null;
};

type Agreed = { readonly plan: Plan; readonly terms: Terms };

/** The plan that is asked for and the terms of this subscription; or every field that keeps it from being made. */
export function termsFor(
  ctx: Context,
  input: AskedTerms,
  now: Temporal.Instant,
): Agreed | { readonly faults: readonly Fault[] } {
  const { plans, defaults } = ctx.catalog.current;
  const plan = plans.get(input.plan);
  // Without a plan the day is told by the zone of all plans: who asked for a wrong one should not have to come twice.
  const timeZone = input.timeZone ?? plan?.timeZone ?? defaults.timeZone;
  const anchor = anchorFaults(input, timeZone, now);
  if (plan === undefined) return { faults: [{ field: 'plan', message: unknownPlan(ctx, input.plan) }, ...anchor] };
  const success = input.returnUrls.success ?? plan.returnUrls?.success;
  const cancel = input.returnUrls.cancel ?? plan.returnUrls?.cancel;
  if (anchor.length > 0 || success === undefined || cancel === undefined)
    return { faults: [...urlFaults(success, cancel), ...anchor] };
  return { plan, terms: { timeZone, returnUrls: { success, cancel }, anchorDate: input.anchorDate } };
}

/** Every field of terms that keeps a subscription from being made, of a request that is refused for others already. */
export async function faultsOfTerms(ctx: Context, asked: AskedTerms): Promise<readonly Fault[]> {
  const agreed = termsFor(ctx, asked, await ctx.clock.now());
  return 'faults' in agreed ? agreed.faults : [];
}

function unknownPlan(ctx: Context, plan: string): string {
  const known = [...ctx.catalog.current.plans.keys()].slice(0, 20).join(', ');
  return `There is no plan ${JSON.stringify(plan)} in the catalog; there are: ${known}.`;
}

function urlFaults(success: string | undefined, cancel: string | undefined): readonly Fault[] {
  const message = 'Xendit demands a return URL: send it, or set defaults.return_urls in the catalog.';
  return [
    ...(success === undefined ? [{ field: 'onboarding.success_return_url', message }] : []),
    ...(cancel === undefined ? [{ field: 'onboarding.cancel_return_url', message }] : []),
  ];
}

function anchorFaults({ anchorDate }: AskedTerms, timeZone: string, now: Temporal.Instant): readonly Fault[] {
  const today = localDate(now, timeZone);
  if (anchorDate === null || Temporal.PlainDate.compare(anchorDate, today) >= 0) return [];
  return [{ field: 'anchor_date', message: `Must be today (${today.toString()} in ${timeZone}) or later.` }];
}
