import { sql } from 'drizzle-orm';
import type { BookedPayment } from '../../src/domain/books/reconciliation.ts';
import { bucketOf } from '../../src/domain/charges/attempt.ts';
import { money } from '../../src/domain/money/money.ts';
import { sweepBooks } from '../../src/flows/books/sweep-books.ts';
import { chainOf } from '../../src/infra/tables/books/ledger.ts';
import type { Sent } from './scripted-gateway.ts';
import type { World } from './world.ts';

/** What Xendit's books say by themselves, of a charge of a subscription of ours. */
export const named = (referenceId: string) => ({ referenceId, amount: '150000', currency: 'IDR' });

/** Xendit's books beside those of a world, and what comparing them found. */
export function comparing(world: World) {
  const { ctx, gateway, db } = world;

  /** Enters a payment into Xendit's books: made when the clock stands now, collected, for what was asked. */
  function books(
    sent: Pick<Sent, 'referenceId' | 'amount' | 'currency'>,
    more: Partial<BookedPayment> = {},
  ): BookedPayment {
    const number = String(gateway.booked.length + 1).padStart(12, '0');
    const entry: BookedPayment = {
      transactionId: `txn_${number}`,
      referenceId: sent.referenceId,
      createdAt: world.now(),
      status: 'succeeded',
      amount: money(BigInt(sent.amount), sent.currency as 'IDR'),
      written: `${sent.currency} ${sent.amount}`,
      paymentId: `py-booked-${number}`,
      paymentRequestId: `pr-booked-${number}`,
      ...more,
    };
    gateway.booked.push(entry);
    return entry;
  }

  function sentAs(number: number): Sent {
    const sent = gateway.sent[number - 1];
    if (sent === undefined) throw new Error(`Attempt ${number} was not sent.`);
    return sent;
  }

  const sweep = async (at: string) => {
    world.moveTo(at);
    await sweepBooks(ctx);
  };
  const findings = () =>
    world.ask<Record<string, unknown>>(
      sql`select kind, reference, amount::int as amount, currency, payment_id, closed_at is null as open, why, closed_why
        from findings order by found_at, kind, reference`,
    );
  const errors = () => world.logged.filter((line) => line.level === 'error');
  const moneyOf = async (id: string) =>
    (await chainOf(db, bucketOf(id), id)).reduce((sum, row) => sum + Number(row.money), 0);

  return { books, sentAs, sweep, findings, errors, moneyOf };
}
