import type { TokenStatus } from './token-moves.ts';

/** A method of a subscription, as far as its place among the others depends on it. */
export type Ranked = { readonly id: string; readonly status: TokenStatus };

/** The methods of a subscription in their order; the first one is charged. */
export type Order<Method extends Ranked> = readonly Method[];

/** Whatever its rank says, the method that a subscription is charged to is the first; it has no rank where it is from before there were any. */
export function inOrder<Method extends Ranked>(inUse: Method | null, ranked: Order<Method>): Order<Method> {
  return inUse === null ? ranked : [inUse, ...ranked.filter(({ id }) => id !== inUse.id)];
}

/** What was saved last is charged, and what could be charged until then comes after it; what had ended has been replaced. */
export function savedFirst<Method extends Ranked>(saved: Method, before: Order<Method>): Order<Method> {
  return [saved, ...before.filter(isActive)];
}

/** Charged from now on; the one before it comes last. */
export function takenInto<Method extends Ranked>(next: Method, before: Order<Method>): Order<Method> {
  const [first, ...others] = before.filter(({ id }) => id !== next.id);
  return [next, ...others, ...(first === undefined ? [] : [first])];
}

/** How many could be charged if the first one ended. */
export function sparesOf(order: Order<Ranked>): number {
  return order.slice(1).filter(isActive).length;
}

function isActive({ status }: Ranked): boolean {
  return status === 'active';
}

/** One of them at the place that a person wants for it; beyond the last place it is the last. */
export function movedTo<Method extends Ranked>(moved: Method, rank: number, before: Order<Method>): Order<Method> {
  const others = before.filter(({ id }) => id !== moved.id);
  return [...others.slice(0, rank - 1), moved, ...others.slice(rank - 1)];
}
