import { mover } from '../legal-move.ts';
import type { RefundState } from './refund.ts';

/*
 * One constructor for each legal move of a refund (docs/design.md section 5). Nobody else writes the state of a refund.
 */

/** What moves change of a refund; the names are those of its row. */
export type RefundStanding = {
  readonly state: RefundState;
  readonly refundId: string | null;
  readonly fee: bigint | null;
  readonly failureCode: string | null;
  readonly why: string | null;
  readonly approvedBy: string | null;
  readonly approvedAt: Temporal.Instant | null;
  readonly sentAt: Temporal.Instant | null;
  readonly nextAt: Temporal.Instant | null;
  readonly asks: number;
  readonly settledAt: Temporal.Instant | null;
};

/** From where a refund may make each move, and where it may be then. What Xendit says last of a refund counts, also after its end. */
export const refundMoves = {
  approve: { wanted: ['approved'] },
  send: { approved: ['sent'] },
  wait: { approved: ['approved'], sent: ['approved'] },
  lose: { sent: ['unknown'], unknown: ['unknown'] },
  take: {
    wanted: ['pending'],
    approved: ['pending'],
    sent: ['pending'],
    unknown: ['pending'],
    pending: ['pending'],
    withdrawn: ['pending'],
  },
  succeed: {
    wanted: ['succeeded'],
    approved: ['succeeded'],
    sent: ['succeeded'],
    unknown: ['succeeded'],
    pending: ['succeeded'],
    failed: ['succeeded'],
    withdrawn: ['succeeded'],
  },
  fail: {
    wanted: ['failed'],
    approved: ['failed'],
    sent: ['failed'],
    unknown: ['failed'],
    pending: ['failed'],
    succeeded: ['failed'],
    withdrawn: ['failed'],
  },
  withdraw: { wanted: ['withdrawn'], approved: ['withdrawn'], unknown: ['withdrawn'] },
} as const satisfies Readonly<Record<string, Readonly<Partial<Record<RefundState, readonly RefundState[]>>>>>;

const legal = mover<RefundState, keyof typeof refundMoves>('A refund', refundMoves);

function move<To extends RefundState>(refund: RefundStanding, by: keyof typeof refundMoves, to: To): To {
  return legal({ status: refund.state }, by, to);
}

/** As a refund begins: it waits for a second person, or may be asked for at once. */
export function wanted(asked: { readonly by: string; readonly at: Temporal.Instant; readonly needsApproval: boolean }) {
  const { by, at, needsApproval } = asked;
  return {
    state: needsApproval ? 'wanted' : 'approved',
    refundId: null,
    fee: null,
    failureCode: null,
    why: needsApproval ? 'a second person has to approve it' : null,
    approvedBy: needsApproval ? null : by,
    approvedAt: needsApproval ? null : at,
    nextAt: needsApproval ? null : at,
    asks: 0,
    sentAt: null,
    settledAt: null,
  } as const;
}

/** As a refund begins that Xendit has and the books do not. */
export function foundAtXendit(
  said: Said & { readonly isPending: boolean },
  now: Temporal.Instant,
  nextAt: Temporal.Instant,
) {
  const { isPending } = said;
  return {
    state: isPending ? 'pending' : 'succeeded',
    refundId: said.refundId,
    fee: said.fee,
    failureCode: null,
    why: null,
    approvedBy: null,
    approvedAt: null,
    sentAt: null,
    nextAt: isPending ? nextAt : null,
    asks: 0,
    settledAt: isPending ? null : now,
  } as const;
}

export function approved<T extends RefundStanding>(refund: T, by: string, now: Temporal.Instant): T {
  const state = move(refund, 'approve', 'approved');
  return { ...refund, state, approvedBy: by, approvedAt: now, nextAt: now, why: null };
}

/** Xendit is asked for it from now on; at `until` whoever asks has fallen silent, and nobody knows what became of it. */
export function sent<T extends RefundStanding>(refund: T, now: Temporal.Instant, until: Temporal.Instant): T {
  const state = move(refund, 'send', 'sent');
  return { ...refund, state, sentAt: now, nextAt: until, why: null, failureCode: null };
}

/** It may be asked for again: at an instant, or once a person says so (null). */
export function putOff<T extends RefundStanding>(
  refund: T,
  {
    at,
    code,
    why,
  }: { readonly at: Temporal.Instant | null; readonly code: string | null; readonly why: string | null },
): T {
  const state = move(refund, 'wait', 'approved');
  return { ...refund, state, nextAt: at, failureCode: code, why, asks: refund.asks + 1 };
}

/** Nobody knows whether Xendit heard of it: it is looked for, and never asked for again by itself. */
export function lost<T extends RefundStanding>(refund: T, at: Temporal.Instant | null, why: string): T {
  const state = move(refund, 'lose', 'unknown');
  return { ...refund, state, nextAt: at, why, asks: refund.asks + 1 };
}

/** What Xendit says of a refund that it has. */
export type Said = {
  readonly refundId: string;
  readonly fee: bigint | null;
};

export function taken<T extends RefundStanding>(refund: T, said: Said, nextAt: Temporal.Instant): T {
  const state = move(refund, 'take', 'pending');
  const asks = refund.state === 'pending' ? refund.asks + 1 : 0;
  return { ...refund, ...known(refund, said), state, nextAt, asks, settledAt: null, why: null, failureCode: null };
}

export function succeeded<T extends RefundStanding>(refund: T, said: Said, now: Temporal.Instant): T {
  const state = move(refund, 'succeed', 'succeeded');
  return { ...refund, ...known(refund, said), state, nextAt: null, settledAt: now, why: null, failureCode: null };
}

export function failed<T extends RefundStanding>(
  refund: T,
  { said, code, why }: { readonly said: Said | null; readonly code: string; readonly why: string },
  now: Temporal.Instant,
): T {
  const state = move(refund, 'fail', 'failed');
  const told = said === null ? {} : known(refund, said);
  return { ...refund, ...told, state, nextAt: null, settledAt: now, failureCode: code, why };
}

export function withdrawn<T extends RefundStanding>(refund: T, why: string, now: Temporal.Instant): T {
  const state = move(refund, 'withdraw', 'withdrawn');
  return { ...refund, state, nextAt: null, settledAt: now, why };
}

function known({ fee }: RefundStanding, said: Said): Pick<RefundStanding, 'refundId' | 'fee'> {
  return { refundId: said.refundId, fee: said.fee ?? fee };
}
