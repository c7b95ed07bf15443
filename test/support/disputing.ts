import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import type { DisputeState } from '../../src/domain/disputes/dispute.ts';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import type { Dispute } from '../../src/infra/gateway/dispute.ts';
import type { DisputeRow } from '../../src/infra/tables/schema/disputes/dispute-columns.ts';
import type { World } from './world.ts';

export const DISPUTE = 'mi-dspt-f44d259f-fd9d-4de9-80de-1eef3f1506b7';

/** What tests of disputes do and look at. */
export type Disputing = {
  /** A subscription whose cycle 0 is paid. */
  paid(
    reference?: string,
    plan?: string,
  ): Promise<{ readonly subscription: string; readonly charge: string; readonly paymentId: string }>;
  /** The customer disputes this payment with their bank: the gateway has it, and nobody was told. */
  raises(paymentId: string, more?: Partial<Dispute>): Promise<Dispute>;
  /** What the gateway has of it becomes this. */
  becomes(state: DisputeState, more?: Partial<Dispute>, id?: string): Dispute;
  /** The webhook that tells of it as the gateway has it now. */
  notice(id?: string, event?: string): object;
  /** It comes, and is worked on. */
  tells(id?: string): Promise<void>;
  all(): Promise<readonly Pick<DisputeRow, 'disputeId' | 'state' | 'decidedBy' | 'chargeId'>[]>;
  /** The entries about the dispute and its money. */
  moved(
    subscription: string,
  ): Promise<readonly { readonly kind: string; readonly money: number; readonly outcome: string }[]>;
  /** Ledger, charges, refunds and disputes say the same. */
  whole(): Promise<void>;
};

export function disputingIn(world: World): Disputing {
  const { ctx, gateway } = world;
  const found = (id: string): Dispute => {
    const dispute = gateway.disputed.there.get(id);
    if (dispute === undefined) throw new Error(`There is no dispute ${id}.`);
    return dispute;
  };
  const disputing: Disputing = {
    async paid(reference = 'sub-1', plan = 'monthly') {
      const subscription = await world.onboard(reference, plan);
      await world.work();
      const charge = await world.charge(subscription);
      expect(charge.status).toBe('paid');
      return { subscription, charge: charge.id, paymentId: charge.attempts[0]?.payment_id ?? '' };
    },
    async raises(paymentId, more = {}) {
      const [row] = await world.ask<{ reference: string; amount: string }>(
        sql`select reference_id as reference, amount from attempts where payment_id = ${paymentId}`,
      );
      const minor = BigInt(row?.amount ?? 0);
      const dispute: Dispute = {
        disputeId: DISPUTE,
        state: 'action_required',
        reason: null,
        category: 'fraud',
        channel: 'CARDS',
        amount: { minor, currency: 'IDR' },
        written: `IDR ${minor}.00`,
        terminal: null,
        answerBy: world.now().add({ hours: 24 * 7 }),
        openedAt: world.now(),
        toldAt: world.now(),
        paymentId,
        referenceId: row?.reference ?? null,
        ...more,
      };
      gateway.disputed.there.set(dispute.disputeId, dispute);
      return dispute;
    },
    becomes(state, more = {}, id = DISPUTE) {
      const dispute = { ...found(id), state, toldAt: world.now(), ...more };
      gateway.disputed.there.set(id, dispute);
      return dispute;
    },
    notice(id = DISPUTE, event) {
      const dispute = found(id);
      return {
        event: event ?? `dispute.${dispute.state}`,
        id,
        channel_code: dispute.channel,
        card_brands: 'VISA',
        status: dispute.state.toUpperCase(),
        status_reason: dispute.reason,
        currency: dispute.amount?.currency,
        amount: {
          initial: `${dispute.amount?.minor}.00`,
          terminal: dispute.terminal === null ? null : `${dispute.terminal.minor}.00`,
        },
        created_at: dispute.openedAt?.toString(),
        updated_at: dispute.toldAt?.toString(),
        due_date: dispute.answerBy?.toString(),
        category: { name: dispute.category, allowed_evidence: [] },
        related_disputes: [],
        payment_id: dispute.paymentId,
        reference_id: dispute.referenceId,
      };
    },
    async tells(id) {
      await world.receives(disputing.notice(id));
      await world.work();
    },
    all: async () =>
      await world.ask(sql`select dispute_id as "disputeId", state, held::int as held, amount::int as amount,
        decided_by as "decidedBy", charge_id as "chargeId" from disputes order by opened_at, dispute_id`),
    moved: async (subscription) =>
      await world.ask(sql`select kind, money::int as money, outcome from ledger
        where subscription_id = ${subscription} and (kind like 'dispute.%' or kind like 'chargeback.%') order by seq`),
    async whole() {
      expect((await checkInvariants(ctx)).filter(({ broken }) => broken > 0)).toEqual([]);
    },
  };
  return disputing;
}
