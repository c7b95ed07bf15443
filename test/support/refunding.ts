import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import { type Asked, askRefund, type RefundAsked } from '../../src/flows/refunds/ask-refund.ts';
import type { RefundRow } from '../../src/infra/tables/schema/refunds/refund-columns.ts';
import type { World } from './world.ts';

/** What tests of refunds do and look at. */
export type Refunding = {
  /** A subscription whose cycle 0 is paid. */
  paid(
    reference?: string,
    token?: Parameters<World['onboard']>[3],
  ): Promise<{ readonly subscription: string; readonly charge: string }>;
  tries(charge: string, more?: Partial<RefundAsked>): Promise<Asked>;
  /** The same, which must be taken. */
  asks(charge: string, more?: Partial<RefundAsked>): Promise<RefundRow>;
  /** All refunds, in the order in which they were asked for. */
  all(): Promise<
    readonly Pick<RefundRow, 'state' | 'referenceId' | 'why' | 'amount' | 'refundId' | 'origin' | 'number'>[]
  >;
  /** The gateway's only refund ends so, and its webhook comes. */
  ends(status: 'succeeded' | 'failed', failureCode?: string): Promise<void>;
  /** Ledger, charges and refunds say the same. */
  whole(): Promise<void>;
  /** The kinds of entries about refunds, with the money that they moved. */
  moved(
    subscription: string,
  ): Promise<readonly { readonly kind: string; readonly money: number; readonly outcome: string }[]>;
};

export function refundingIn(world: World): Refunding {
  const { ctx, gateway } = world;
  const wish = {
    amount: null,
    reason: 'REQUESTED_BY_CUSTOMER',
    note: 'the customer asked for it',
    actor: 'api:finance:ana',
  } as const;
  const tries = (charge: string, more: Partial<RefundAsked> = {}) => askRefund(ctx, charge, { ...wish, ...more });
  return {
    async paid(reference = 'sub-1', token = {}) {
      const subscription = await world.onboard(reference, 'monthly', {}, token);
      await world.work();
      const charge = await world.charge(subscription);
      expect(charge.status).toBe('paid');
      return { subscription, charge: charge.id };
    },
    tries,
    async asks(charge, more) {
      const answer = await tries(charge, more);
      if (answer.kind !== 'asked') throw new Error(JSON.stringify(answer));
      return answer.refund;
    },
    all: async () =>
      await world.ask(sql`select state, reference_id as "referenceId", why, amount::int as amount, refund_id as "refundId",
        origin, number from refunds order by asked_at, number`),
    async ends(status, failureCode) {
      const [id = ''] = gateway.refundsThere.keys();
      gateway.refundEnds(id, status, failureCode);
      await world.receives(gateway.refundNotice(id));
      await world.work();
    },
    async whole() {
      expect((await checkInvariants(ctx)).filter(({ broken }) => broken > 0)).toEqual([]);
    },
    moved: async (subscription) =>
      await world.ask(sql`select kind, money::int as money, outcome from ledger
        where subscription_id = ${subscription} and kind like 'refund.%' order by seq`),
  };
}
