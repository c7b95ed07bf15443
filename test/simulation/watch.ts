import { sql } from 'drizzle-orm';
import type { Call } from '../../src/infra/gateway/xendit/client.ts';
import { sha256 } from '../../src/infra/ids.ts';
import type { House } from './house.ts';
import type { Standby } from './standby.ts';
import { isOver, type Payment, type Xendit } from './xendit.ts';

/** Looks at every request for money in the moment in which it reaches Xendit. */
export type Watch = {
  arrives(call: Call, leftAt: number): Promise<void>;
};

/** `hidesFailures`: Xendit's list may leave out payments that failed. */
export function watchOf(
  house: House,
  xendit: Xendit,
  standby: Standby,
  hidesFailures: boolean,
  found: (fault: string) => void,
): Watch {
  /** What failed, was lost here with its row and is not listed there can be known to nobody, and collects nothing. */
  const isUnknowable = (payment: Payment, leftAt: number) =>
    hidesFailures && standby.failedOverAt() !== null && isOver(payment, leftAt);
  return {
    async arrives(call, leftAt) {
      if (call.method !== 'POST' || call.path !== '/v3/payment_requests') return;
      const body = call.body ?? '';
      const { reference_id: reference } = JSON.parse(body) as { reference_id: string };
      const row = await writtenAs(house, reference);
      // A row that the primary took with it was written all the same.
      const lost = (standby.failedOverAt() ?? Number.NEGATIVE_INFINITY) >= leftAt;
      if (row === null && !lost) found(`${reference} was asked for before it was written`);
      if (row !== null && row !== sha256(body) && !lost)
        found(`${reference} was asked for in other words than were written`);
      const others = xendit.payments.filter((payment) => !isUnknowable(payment, leftAt));
      for (const fault of others.flatMap((payment) => clash(reference, payment, leftAt))) found(fault);
    },
  };
}

/** The hash of the request that was written under this reference; null when none was. */
async function writtenAs(house: House, reference: string): Promise<string | null> {
  const [row] = await house.db.run<{ hash: string | null }>(
    sql`select request_hash as hash from attempts where reference_id = ${reference}`,
  );
  return row?.hash ?? null;
}

/** Invariants 4 and 5: no new attempt while one is unknown, and nothing sent twice where nobody would refuse it. */
function clash(reference: string, payment: Payment, leftAt: number): readonly string[] {
  if (payment.referenceId === reference)
    return payment.channel === 'CARDS'
      ? []
      : [`${reference} was asked for twice, and ${payment.channel} charges twice`];
  if (cycleOf(payment.referenceId) !== cycleOf(reference)) return [];
  if (isOver(payment, leftAt)) return [];
  return [
    `${reference} was asked for while ${payment.referenceId} was ${payment.status} (${payment.failureCode}), and another may not be made yet`,
  ];
}

function cycleOf(reference: string): string {
  return reference.slice(0, reference.lastIndexOf('_'));
}
