import { sql } from 'drizzle-orm';
import { mayCharge } from '../../src/flows/control/may-charge.ts';
import type { World } from './world.ts';

const tables = [
  'subscription_methods',
  'subscriptions',
  'charges',
  'attempts',
  'ledger',
  'customers',
  'tokens',
  'onboardings',
  'inbox',
  'breakers',
  'items',
  'pay_links',
  'payments',
  'consents',
  'terms',
  'changes',
  'coupon_uses',
  'notices',
  'owed_notices',
  'repricing_items',
  'refunds',
  'disputes',
];

/** Nothing of it reached Xendit, as when it throttles or cannot be reached. */
export const unsent = {
  kind: 'refused',
  scope: 'not_sent',
  code: 'UNSENT',
  detail: 'a test',
  retryAfterSeconds: null,
} as const;

/** A method of which nothing at Xendit stops a second charge under one reference. */
export const wallet = { channelCode: 'OVO', network: null };

/** The ways in which the database of a world goes back to what it was; its tables are copied, so nobody else may have it. */
export function losing(world: World) {
  const { ctx, gateway } = world;

  /** All that `happens` writes is lost, as on a standby that it never reached; then that standby is promoted. */
  async function lost(happens: () => Promise<unknown>): Promise<void> {
    await keep();
    await happens();
    await lose();
  }

  /** All that `happens` writes is gone; the server is another run of the same. */
  async function putBack(happens: () => Promise<unknown>): Promise<void> {
    await keep();
    await happens();
    await lose();
    await world.above(`update charging set timeline = timeline - 1, run = 'before'`);
  }

  /** What the standby has when replication is cut. */
  async function keep(): Promise<void> {
    await mayCharge(ctx);
    await world.above(`drop schema if exists kept cascade; create schema kept;
      ${tables.map((name) => `create table kept.${name} as table ${name}`).join('; ')}`);
  }

  async function lose(): Promise<void> {
    listPayments();
    await world.above(`truncate ${tables.join(', ')};
      ${tables.map((name) => `insert into ${name} select * from kept.${name}`).join('; ')};
      update charging set timeline = timeline + 1`);
  }

  /** Xendit lists what it collected until now. */
  function listPayments(): void {
    for (const { referenceId, amount } of gateway.payments.slice(gateway.booked.length))
      gateway.booked.push({
        transactionId: `txn-${referenceId}`,
        referenceId,
        createdAt: world.now(),
        status: 'succeeded',
        amount: { minor: BigInt(amount), currency: 'IDR' },
        written: `IDR ${amount}`,
        paymentId: null,
        paymentRequestId: null,
      });
  }

  /** The leases of the dead are over: real time, which a test does not wait for. */
  const lapse = () => world.ask(sql`update attempts set lease_until = now() - interval '1 second'`);
  const references = () => gateway.payments.map(({ referenceId }) => referenceId);
  /** A subscription that is charged to a wallet. */
  const onWallet = (reference: string) => world.onboard(reference, 'monthly', {}, wallet);
  return { lost, putBack, keep, lose, lapse, references, onWallet };
}
