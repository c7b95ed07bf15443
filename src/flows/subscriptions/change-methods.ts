import type { Context } from '../../context.ts';
import type { EntryKind } from '../../domain/books/ledger.ts';
import { isInDoubt } from '../../domain/charges/outcome.ts';
import { movedTo, type Order } from '../../domain/methods/ranks.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { attemptsOf } from '../../infra/tables/charges/attempts.ts';
import { openChargesOf } from '../../infra/tables/charges/charges.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { TokenRow } from '../../infra/tables/schema/method-columns.ts';
import type { SubscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { owingAfter } from '../change/owing-after.ts';
import { record } from '../change/record.ts';
import { tryAtOnce } from '../charges/try-at-once.ts';
import { nameOf } from '../methods/next-method.ts';
import { methodsOf, ranking } from '../methods/ranking.ts';
import { type Changed, changeSubscription } from './change-subscription.ts';

export type MethodInput = { readonly method: string; readonly actor: string };

const UNKNOWN = { refused: 'The subscription has no such method any more.' } as const;

/** Gives a method another rank; the first one is charged, and tried at once for what is owed. */
export async function rankMethod(ctx: Context, id: string, input: MethodInput & { rank: number }): Promise<Changed> {
  return await changeSubscription(ctx, id, 'replace_method', async (dossier, now) => {
    const before = await methodsOf(ctx, dossier.subscription);
    const method = before.find((one) => one.id === input.method);
    if (method === undefined) return UNKNOWN;
    const order = movedTo(method, input.rank, before);
    if (order.every((one, index) => one.id === before[index]?.id)) return null;
    const [first] = order;
    if (first?.id !== before[0]?.id && first?.status !== 'active')
      return { refused: `The first method is charged, and ${nameOf(first ?? method)} is ${first?.status}.` };
    const why = `${nameOf(method)} has rank ${order.indexOf(method) + 1}`;
    return await changeOf(ctx, dossier, { order, left: [], kind: 'token.ranked', why, actor: input.actor }, now);
  });
}

/** Removes a method: nothing more of this subscription is charged to it. Its row stays, and so do other subscriptions. */
export async function removeMethod(ctx: Context, id: string, input: MethodInput): Promise<Changed> {
  return await changeSubscription(ctx, id, 'replace_method', async (dossier, now) => {
    const { subscription } = dossier;
    const before = await methodsOf(ctx, subscription);
    const method = before.find((one) => one.id === input.method);
    if (method === undefined) return UNKNOWN;
    const open = await openChargesOf(ctx.db, subscription.id);
    const order = before.filter((one) => one !== method);
    const isOver = subscription.status === 'ended' && open.length === 0;
    if (!isOver && (order.length === 0 || (method === before[0] && order[0]?.status !== 'active')))
      return {
        refused: `The subscription is ${subscription.status} and has no other method that can take its place: save another one first.`,
      };
    const attempts = await Promise.all(open.map((charge) => attemptsOf(ctx.db, charge.bucket, charge.id)));
    const isAsked = attempts
      .flat()
      .some(({ tokenId, outcome }) => tokenId === method.id && (outcome === null || isInDoubt(outcome)));
    if (isAsked)
      return { refused: 'An attempt over this method is not settled yet: remove it once its outcome is known.' };
    const why = `${nameOf(method)} was removed`;
    return await changeOf(ctx, dossier, { order, left: [method], kind: 'token.removed', why, actor: input.actor }, now);
  });
}

type Reranked = {
  readonly order: Order<TokenRow>;
  readonly left: readonly TokenRow[];
  readonly kind: EntryKind;
  readonly why: string;
  readonly actor: string;
};

async function changeOf(
  ctx: Context,
  dossier: SubscriptionDossier,
  { order, left, kind, why, actor }: Reranked,
  now: Temporal.Instant,
): Promise<Change> {
  const { subscription } = dossier;
  const ranked = ranking(subscription, order, left, now);
  const isAnother = ranked.subscription.tokenId !== null && ranked.subscription.tokenId !== subscription.tokenId;
  const occasion = { note: 'another method is charged first', why: `${why}, in a period that was never paid`, actor };
  const owed = isAnother && subscription.status !== 'paused' ? await tryAtOnce(ctx, dossier, occasion, now) : null;
  const after: Partial<SubscriptionRow> =
    owed === null ? {} : await owingAfter(ctx, subscription, owed.inDunning, owed.charges, now);
  const status = after.status ?? subscription.status;
  const write = (what: EntryKind) => record(ctx.newId(subscription.bucket), now, what, dossier, { why, actor });
  return {
    seen: subscription,
    ...ranked,
    subscription: { ...after, ...ranked.subscription },
    charges: owed?.charges ?? [],
    entries: [
      write(kind),
      ...(owed?.entries ?? []),
      ...(status === subscription.status ? [] : [write(`subscription.${status}`)]),
    ],
  };
}
