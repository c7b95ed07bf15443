import type { Context } from '../../../context.ts';
import type { DisputeState } from '../../../domain/disputes/dispute.ts';
import { subscriptionDossiers } from '../../../infra/tables/subscriptions/subscriptions.ts';
import type { Page } from '../cursor.ts';
import { type DisputeView, listDisputes } from '../disputes/dispute-view.ts';

/** A dispute with the name of the subscription whose payment it is. */
export type ListedDispute = DisputeView & { readonly reference: string };

/** A page of disputes for people: those first that have to be answered soonest. */
export async function disputeList(
  ctx: Context,
  state: DisputeState | undefined,
  cursor: string | null,
  limit: number,
): Promise<Page<ListedDispute>> {
  const page = await listDisputes(ctx, { state }, cursor, limit);
  const ids = [...new Set(page.data.map(({ subscription_id }) => subscription_id))];
  const named = new Map(
    (await subscriptionDossiers(ctx.db, ids)).map(({ subscription }) => [subscription.id, subscription.referenceId]),
  );
  return { ...page, data: page.data.map((one) => ({ ...one, reference: named.get(one.subscription_id) ?? '' })) };
}
