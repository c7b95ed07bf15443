import type { Context } from '../../src/context.ts';
import { type RefundReason, refundReasons } from '../../src/domain/refunds/refund.ts';
import { askRefund } from '../../src/flows/refunds/ask-refund.ts';
import { approveRefund, withdrawRefund } from '../../src/flows/refunds/decide-refund.ts';
import { listCharges } from '../../src/flows/views/list-charges.ts';
import { refundPage } from '../../src/infra/tables/refunds/refunds.ts';
import type { RefundRow } from '../../src/infra/tables/schema/refunds/refund-columns.ts';
import { between, type Chance, drawn, oneOf, spread } from '../support/chance.ts';
import type { RefundDesk } from './refunds.ts';

/** People who give money back: who asks for it, a second person, and whoever does it in Xendit's dashboard. */
export type Givers = {
  /** From now on somebody gives money back now and then. */
  begin(): Promise<void>;
  /** Somebody gives back what this subscription paid, or decides about what waits. */
  act(id: string): Promise<void>;
};

type Given = {
  readonly random: Chance;
  readonly desk: RefundDesk;
  readonly subscriptions: readonly string[];
  ask<T>(what: string, flow: (ctx: Context) => Promise<T>): Promise<T | null>;
  pause(milliseconds: number): Promise<void>;
  tell(line: string): void;
  /** Nobody acts any more. */
  isOver(): boolean;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const siti = 'cli:siti';

export function giversOf({ random, desk, subscriptions, ask, pause, tell, isOver }: Given): Givers {
  /** All of it, or a part; of a charge that may have been given back before, or is just being given back. */
  async function giveBack(id: string): Promise<void> {
    const page = await ask(`charges of ${id}`, (ctx) => listCharges(ctx, { subscription: id }, null, 500));
    const paid = page?.data.filter(({ collected, overpaid }) => collected + overpaid > 0) ?? [];
    if (paid.length === 0) return;
    const charge = oneOf(random, paid);
    const amount = drawn(random, [
      [3, null],
      [4, between(random, 1, Math.max(1, Math.floor(charge.collected + charge.overpaid)))],
    ]);
    const reason: RefundReason = oneOf(random, refundReasons);
    const asked = { amount, reason, note: 'asked for', actor: oneOf(random, ['product', siti]) };
    await ask(`give ${amount ?? 'all'} of ${charge.id} back`, (ctx) => askRefund(ctx, charge.id, asked));
  }

  async function standing(state: RefundRow['state']): Promise<RefundRow | null> {
    const rows = await ask(`refunds that are ${state}`, (ctx) => refundPage(ctx.db, { state }, null, 50));
    return rows === null || rows.length === 0 ? null : oneOf(random, rows);
  }

  /** What needs a second person, and what waits for one since Xendit did not take it. */
  async function approve(): Promise<void> {
    const refund = await standing(oneOf(random, ['wanted', 'wanted', 'approved']));
    if (refund === null) return;
    const by = { actor: 'cli:budi', reason: null };
    await ask(`approve refund ${refund.id}`, (ctx) => approveRefund(ctx, refund.id, by));
  }

  /** Of one that nobody knows about, somebody has looked in the dashboard first, as they are told to. */
  async function withdraw(): Promise<void> {
    const refund = await standing(oneOf(random, ['wanted', 'approved', 'unknown']));
    if (refund === null || desk.refunds.some(({ referenceId }) => referenceId === refund.referenceId)) return;
    await ask(`withdraw refund ${refund.id}`, (ctx) => withdrawRefund(ctx, refund.id, { actor: siti, reason: null }));
  }

  async function byHand(): Promise<void> {
    const refund = desk.byHand();
    if (refund !== null) tell(`people: ${refund.amount} of ${refund.payment.referenceId} is given back by hand`);
  }

  async function act(id: string): Promise<void> {
    if (isOver()) return;
    await drawn<() => Promise<void>>(random, [
      [6, () => giveBack(id)],
      [3, approve],
      [1, withdraw],
      [1, byHand],
    ])();
  }

  return {
    async begin() {
      while (!isOver()) {
        await pause(spread(random, MINUTE, 12 * HOUR));
        if (subscriptions.length > 0) await act(oneOf(random, subscriptions));
      }
    },
    act,
  };
}
