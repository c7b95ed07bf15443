import { sql } from 'drizzle-orm';
import type { Call } from '../../src/infra/gateway/xendit/client.ts';
import type { House } from './house.ts';
import type { Standby } from './standby.ts';
import type { Payment, Xendit } from './xendit.ts';

/** Looks at every request for money in the moment in which it reaches Xendit. */
export type Watch = {
  arrives(call: Call, leftAt: number): Promise<void>;
};

export function watchOf(house: House, xendit: Xendit, standby: Standby, found: (fault: string) => void): Watch {
  return {
    async arrives(call, leftAt) {
      if (call.method !== 'POST' || call.path !== '/v3/payment_requests') return;
      const body = call.body ?? '';
      const { reference_id: reference } = JSON.parse(body) as { reference_id: string };
      const row = await writtenAs(house, reference);
      // A row that the primary took with it was written all the same.
      const lost = (standby.failedOverAt() ?? Number.NEGATIVE_INFINITY) >= leftAt;
      if (row === null && lost) xendit.rowsLost.add(reference);
      if (row === null && !lost) found(`${reference} was asked for before it was written`);
      if (row !== null && row !== body && !lost) found(`${reference} was asked for in other words than were written`);
      for (const fault of xendit.payments.flatMap((payment) => clash(reference, payment, xendit))) found(fault);
    },
  };
}

async function writtenAs(house: House, reference: string): Promise<string | null> {
  const [row] = await house.db.run<{ request: string }>(
    sql`select request from attempts where reference_id = ${reference}`,
  );
  return row?.request ?? null;
}

/** Of what Xendit has been asked for, these have no row any more. */
export async function markLost(house: House, xendit: Xendit): Promise<void> {
  const rows = await house.db.run<{ ref: string }>(sql`select reference_id as ref from attempts`);
  const left = new Set(rows.map((row) => row.ref));
  for (const { referenceId } of xendit.payments) if (!left.has(referenceId)) xendit.rowsLost.add(referenceId);
}

/** Invariants 4 and 5: no new attempt while one is unknown, and nothing sent twice where nobody would refuse it. */
function clash(reference: string, payment: Payment, { rowsLost }: Xendit): readonly string[] {
  if (payment.referenceId === reference)
    return payment.channel === 'CARDS'
      ? []
      : [`${reference} was asked for twice, and ${payment.channel} charges twice`];
  if (cycleOf(payment.referenceId) !== cycleOf(reference)) return [];
  // A row that was lost is written again and asked for again, under the same name. What follows when that is refused
  // without a look at the first (429, 403) no single request can tell: see oracle.ts.
  if (payment.failureTold || rowsLost.has(payment.referenceId)) return [];
  return [`${reference} was asked for while ${payment.referenceId} was ${payment.status} and nobody had been told`];
}

function cycleOf(reference: string): string {
  return reference.slice(0, reference.lastIndexOf('_'));
}
