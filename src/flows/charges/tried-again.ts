import type { Context } from '../../context.ts';
import type { ChargeRow, SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { reopenedWindow } from '../change/policies.ts';

/**
 * A charge that is tried at once, because a person or its customer did something about it. One that was given up is in
 * dunning again: nobody asks for it for the first time, and until it is paid its subscription is past due. A window that is
 * over begins anew, since nothing is tried outside of one.
 */
export async function triedAgain(
  ctx: Context,
  book: { readonly charge: ChargeRow; readonly subscription: SubscriptionRow },
  now: Temporal.Instant,
): Promise<ChargeRow> {
  const { charge } = book;
  const window = await reopenedWindow(ctx, book, now);
  const inDunning = charge.inDunning || charge.status === 'uncollectible';
  const due = { nextAttemptAt: now, waitsUntil: null, waitsFor: null, settledAt: null };
  return { ...charge, ...window, ...due, status: 'due', inDunning };
}
