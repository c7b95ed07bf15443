import { sql } from 'drizzle-orm';
import type { Database } from '../../src/infra/database/db.ts';
import type { XenditRefund } from './refunds.ts';

export type GivenBack = {
  readonly db: Database;
  readonly refunds: readonly XenditRefund[];
  /** What daemons wrote may be gone. */
  readonly failedOver: boolean;
  /** Whether Xendit's list of refunds is read each day. */
  readonly hasBooks: boolean;
};

type Row = {
  readonly reference: string;
  readonly refund: string | null;
  readonly request: string;
  readonly amount: string;
  readonly state: string;
};

const decimals: Readonly<Record<string, number>> = { IDR: 0, PHP: 2 };

/** What Xendit gave back, in minor units; of what our books need not have heard, what they have. */
export async function goneBack(
  given: GivenBack,
): Promise<readonly { readonly currency: string; readonly amount: bigint }[]> {
  const rows = await rowsOf(given.db);
  const isGoneHere = ({ id }: XenditRefund) => rows.some(({ refund, state }) => refund === id && state === 'succeeded');
  return given.refunds
    .filter((one) => (mayBeUnheard(one, given) ? isGoneHere(one) : one.status === 'SUCCEEDED'))
    .map(({ amount, payment: { currency } }) => ({ currency, amount: minor(amount, currency) }));
}

async function rowsOf(db: Database): Promise<readonly Row[]> {
  return await db.run<Row>(sql`select reference_id as reference, refund_id as refund, amount::text as amount,
    payment_request_id as request, state from refunds`);
}

/** Xendit's own list of refunds is ours: each as it ended there, none twice, and none that nobody wanted. */
export async function givenBackFaults(given: GivenBack): Promise<readonly string[]> {
  const rows =
    await given.db.run<Row>(sql`select reference_id as reference, refund_id as refund, amount::text as amount,
    payment_request_id as request, state, origin from refunds`);
  const ours = given.refunds.filter(({ referenceId }) => referenceId !== null);
  const names = ours.map(({ referenceId }) => referenceId);
  return [
    ...ours
      .filter(({ referenceId }, n) => names.indexOf(referenceId) < n)
      .map(({ referenceId }) => `refund ${referenceId} was asked for twice`),
    ...ours.flatMap((refund) => unwanted(refund, rows)),
    ...given.refunds.filter((one) => !mayBeUnheard(one, given)).flatMap((refund) => differing(refund, rows)),
    ...rows.flatMap((row) => invented(row, given)),
  ];
}

/**
 * One that was made in the dashboard and of which no webhook came, and one that failed after its success: where nobody reads Xendit's list,
 * or its news were lost with the server that had them.
 */
function mayBeUnheard({ referenceId, isTold, cameBack }: XenditRefund, { failedOver, hasBooks }: GivenBack): boolean {
  if (hasBooks) return false;
  return referenceId === null ? failedOver || !isTold || cameBack : failedOver && cameBack;
}

/** It was written down as it was asked for, by somebody who wanted it and has not taken it back. */
function unwanted({ referenceId, amount, payment }: XenditRefund, rows: readonly Row[]): readonly string[] {
  const row = rows.find(({ reference }) => reference === referenceId);
  if (row === undefined) return [`refund ${referenceId} was asked for, and nobody wanted it`];
  const isSame = BigInt(row.amount) === minor(amount, payment.currency) && row.request === payment.requestId;
  return isSame
    ? []
    : [`refund ${referenceId} gave back ${amount} of ${payment.requestId}, which is not what was wanted`];
}

function differing({ id, referenceId, status }: XenditRefund, rows: readonly Row[]): readonly string[] {
  const row = rows.find((one) => one.refund === id || (referenceId !== null && one.reference === referenceId));
  const name = referenceId ?? id;
  if (row === undefined) return status === 'FAILED' ? [] : [`the gateway gave back ${name}, which we did not record`];
  return row.state === status.toLowerCase() ? [] : [`refund ${name} is ${status} there and ${row.state} here`];
}

/** Money that our books have given back, and Xendit has not. */
function invented({ reference, refund, state }: Row, { refunds }: GivenBack): readonly string[] {
  if (state !== 'succeeded') return [];
  return refunds.some(({ id }) => id === refund) ? [] : [`we gave ${reference} back, which the gateway did not`];
}

export async function countGivenBack(db: Database): Promise<number> {
  const [row] = await db.run<{ n: number }>(sql`select count(*)::int as n from refunds where state = 'succeeded'`);
  return row?.n ?? 0;
}

function minor(amount: number, currency: string): bigint {
  return BigInt(Math.round(amount * 10 ** (decimals[currency] ?? 2)));
}
