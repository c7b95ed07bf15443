import type { Context } from '../../context.ts';
import { inOrder, type Order, type Ranked, sparesOf } from '../../domain/methods/ranks.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { methodById, rankedMethods } from '../../infra/tables/methods/subscription-methods.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { TokenRow } from '../../infra/tables/schema/method-columns.ts';

/** A method that is new was told of nothing, and is looked at anyway. */
type Noticed = Ranked & Partial<Pick<TokenRow, 'noticeTold'>>;

type OfMethods = Pick<SubscriptionRow, 'bucket' | 'id' | 'tokenId'>;

/** The methods of a subscription in their order. One from before there were ranks has the one that its row names. */
export async function methodsOf(
  { db }: Pick<Context, 'db'>,
  { bucket, id, tokenId }: OfMethods,
): Promise<Order<TokenRow>> {
  const ranked = (await rankedMethods(db, [id])).get(id) ?? [];
  if (tokenId === null) return ranked;
  return inOrder(ranked.find((one) => one.id === tokenId) ?? (await methodById(db, bucket, tokenId)), ranked);
}

/** What a change of a subscription has to write so that its methods have this order; `left` are none of them any more. */
export function ranking(
  { bucket, id, tokenId }: OfMethods,
  order: Order<Noticed>,
  left: readonly Ranked[],
  now: Temporal.Instant,
): Pick<Change, 'agreed'> & { readonly subscription: Pick<SubscriptionRow, 'tokenId' | 'spareMethods'> } {
  const row = (method: Ranked, rank: number, removedAt: Temporal.Instant | null) => {
    return { bucket, subscriptionId: id, tokenId: method.id, rank, removedAt };
  };
  return {
    subscription: { tokenId: order[0]?.id ?? null, spareMethods: sparesOf(order) },
    agreed: {
      ...lookedAtNow(bucket, tokenId, order, now),
      methods: [
        ...order.map((method, index) => row(method, index + 1, null)),
        ...left.map((method) => row(method, order.length + 1, now)),
      ],
    },
  };
}

/** While another one was charged, nothing was told of its end. */
function lookedAtNow(bucket: number, inUse: string | null, [first]: Order<Noticed>, now: Temporal.Instant) {
  if (first?.noticeTold === undefined || first.id === inUse) return {};
  return { notices: [{ bucket, id: first.id, noticeAt: now, noticeTold: first.noticeTold }] };
}
