import { sha256 } from '../../ids.ts';

/** A UUID that comes of a name. */
function uuidOf(name: string): string {
  const hex = sha256(name);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** The ids that Xendit has for what is asked for under a reference: of the same one, the same. */
export function idsOf(referenceId: string) {
  return {
    paymentRequestId: `pr-${uuidOf(`${referenceId} request`)}`,
    paymentId: `py-${uuidOf(`${referenceId} payment`)}`,
  };
}

export function transactionOf(referenceId: string): string {
  return `txn-${uuidOf(`${referenceId} transaction`)}`;
}

export function refundIdOf(referenceId: string): string {
  return `rfd-${uuidOf(`${referenceId} refund`)}`;
}

export function sessionIdOf(referenceId: string): string {
  return `ps-${sha256(`${referenceId} session`).slice(0, 24)}`;
}

export function tokenIdOf(referenceId: string): string {
  return `pt-${uuidOf(`${referenceId} token`)}`;
}

export function customerIdOf(reference: string): string {
  return `cust-${uuidOf(`${reference} customer`)}`;
}
