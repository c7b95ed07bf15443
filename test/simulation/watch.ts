import { sql } from 'drizzle-orm';
import { sha256 } from '../../src/infra/ids.ts';
import { LEASE_SECONDS, leaseOf } from '../../src/infra/lease.ts';
import type { Call } from '../../src/xendit/transport.ts';
import type { House } from './house.ts';
import type { Standby } from './standby.ts';
import { isOver, type Payment, type Xendit } from './xendit.ts';

/** Looks at every request for money in the moment in which it reaches Xendit. */
export type Watch = {
  /** A statement may have written attempts. */
  wrote(): Promise<void>;
  arrives(call: Call, leftAt: number): Promise<void>;
  /** A customer pays under this reference, at their own hand. */
  paysByHand(reference: string, at: number): void;
};

const LEASE = leaseOf(LEASE_SECONDS);
/** Of its lease a sender has so long to send what it wrote, whatever became of the row meanwhile. */
const MAY_SEND_FOR = LEASE.seconds * 1_000 - LEASE.sendingTakesMs;

/** `hidesFailures`: Xendit's list may leave out payments that failed. */
export function watchOf(
  house: House,
  xendit: Xendit,
  standby: Standby,
  hidesFailures: boolean,
  found: (fault: string) => void,
): Watch {
  /** By reference the hashes of all requests that were ever written under it, those too that a failover took. */
  const written = new Map<string, Set<string>>();
  let lastLine = 0;

  /** What failed, was lost here with its row and is not listed there can be known to nobody, and collects nothing. */
  const isUnknowable = (payment: Payment, leftAt: number) =>
    hidesFailures && standby.failedOverAt() !== null && isOver(payment, leftAt);

  function askedFor(reference: string, leftAt: number): void {
    const others = xendit.payments.filter((payment) => !isUnknowable(payment, leftAt));
    for (const fault of others.flatMap((payment) => clash(reference, payment, leftAt))) found(fault);
  }

  async function amissWith(reference: string, hash: string, leftAt: number): Promise<string | null> {
    const hashes = written.get(reference);
    if (hashes === undefined) return 'before it was written';
    if (!hashes.has(hash)) return 'in other words than were written';
    const lostAt = standby.failedOverAt() ?? Number.NEGATIVE_INFINITY;
    if (leftAt <= lostAt + MAY_SEND_FOR || (await isKept(house, reference, hash))) return null;
    return 'long after a failover had taken what was written';
  }

  return {
    async wrote() {
      for (const { n, reference, hash } of await linesSince(house, lastLine)) {
        written.getOrInsertComputed(reference, () => new Set()).add(hash);
        lastLine = n;
      }
    },
    async arrives(call, leftAt) {
      if (!isForMoney(call)) return;
      const body = call.body ?? '';
      const { reference_id: reference } = JSON.parse(body) as { reference_id: string };
      const amiss = await amissWith(reference, sha256(body), leftAt);
      if (amiss !== null) found(`${reference} was asked for ${amiss}`);
      askedFor(reference, leftAt);
    },
    paysByHand: askedFor,
  };
}

/** A payment request, or a session to pay in. */
function isForMoney({ method, path, body }: Call): boolean {
  if (method !== 'POST') return false;
  return path === '/v3/payment_requests' || (path === '/sessions' && body?.includes('"session_type":"PAY"') === true);
}

type Line = { readonly n: number; readonly reference: string; readonly hash: string };

/** The requests that were written since, in the order of the commits. */
async function linesSince(house: House, last: number): Promise<readonly Line[]> {
  return await house.db.run<Line>(sql`select l.n::float8 as n, l.reference_id as reference, a.request_hash as hash
    from simulated.attempt_lines l join attempts a on a.reference_id = l.reference_id
    where l.n > ${last} and l.what = 'sent' and a.request_hash is not null order by l.n`);
}

async function isKept(house: House, reference: string, hash: string): Promise<boolean> {
  const rows = await house.db.run(
    sql`select 1 from attempts where reference_id = ${reference} and request_hash = ${hash}`,
  );
  return rows.length > 0;
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
