import type { AccountContext } from '../../context.ts';
import type { Database } from '../../infra/database/db.ts';
import type { LookUp, PaymentTrace } from '../../infra/gateway/gateway.ts';
import { pauseEndpoint, reserve } from '../../infra/tables/control/pace.ts';
import type { AttemptRow } from '../../infra/tables/schema/change-columns.ts';
import { backgroundPace } from '../control/background-pace.ts';
import { waitForPace } from '../control/wait-for-pace.ts';

type Asked = Pick<AttemptRow, 'referenceId' | 'amount' | 'currency'>;

/**
 * Asks Xendit what became of an attempt, inside the pace that it allows for look-ups; when it wants fewer (429), all
 * replicas wait. Null: the process was told to stop before its turn came, or nobody wants to know any more, so nothing was asked.
 */
export async function lookUp(
  ctx: AccountContext,
  attempt: Asked,
  paymentRequestId: string | null,
  isWanted?: IsWanted,
): Promise<LookUp | null> {
  if (!(await turnToLook(ctx, isWanted))) return null;
  return await heeded(ctx, await ctx.gateway.lookUp(traceOf(attempt, paymentRequestId)));
}

/** What was not asked, since no turn was free. */
export const NO_TURN = 'all that may be asked in this minute was asked';

/**
 * The same for whoever does not wait, and leaves half of the pace to the rescue: a flood of webhooks keeps it from nothing.
 * Where no turn is free now, it is not answered.
 */
export async function lookUpAside(
  ctx: AccountContext,
  attempt: Asked,
  paymentRequestId: string | null,
): Promise<LookUp> {
  if (!(await turnAside(ctx))) return { kind: 'unanswered', detail: NO_TURN };
  return await heeded(ctx, await ctx.gateway.lookUp(traceOf(attempt, paymentRequestId)));
}

/** A place in the same half of the pace, for whoever asks by themselves; false where none is free now. */
export async function turnAside(ctx: AccountContext): Promise<boolean> {
  return (await reserve(ctx.db, ctx.account, 'look_ups', backgroundPace(ctx), 1)).granted > 0;
}

/**
 * Closes a request that waits for its customer, inside the same half of the pace. Its turn is not waited for either.
 */
export async function closeRequest(
  ctx: AccountContext,
  attempt: Asked & Pick<AttemptRow, 'paymentRequestId'>,
): Promise<LookUp> {
  if (!(await turnAside(ctx))) return { kind: 'unanswered', detail: NO_TURN };
  return await heeded(ctx, await ctx.gateway.closeRequest(traceOf(attempt, attempt.paymentRequestId)));
}

function traceOf({ referenceId, amount, currency }: Asked, paymentRequestId: string | null): PaymentTrace {
  return { referenceId, paymentRequestId, amount: { minor: amount, currency: currency } };
}

async function heeded(ctx: AccountContext, found: LookUp): Promise<LookUp> {
  if (found.kind === 'unanswered' && found.retryAfterSeconds !== undefined)
    await pauseEndpoint(ctx.db, ctx.account, 'look_ups', found.retryAfterSeconds);
  return found;
}

/** The last of those that wait for a turn, of each process and account. */
const lines = new WeakMap<Database, Map<string, Promise<unknown>>>();

/** Whether it is still to be asked: while a turn was waited for, another replica may have come to know it. */
export type IsWanted = () => Promise<boolean>;

/**
 * Waits for a place in the pace of the look-ups, which all replicas share. False: the process is told to stop, or it is not wanted. Those of one process
 * stand in a line: one of them asks for a turn, where all would ask again and again at the same moments, and lock one row for it.
 */
export async function turnToLook(ctx: AccountContext, isWanted: IsWanted = always): Promise<boolean> {
  const ofProcess = lines.get(ctx.db) ?? new Map<string, Promise<unknown>>();
  const before = ofProcess.get(ctx.account) ?? Promise.resolve();
  const turn = before.then(() => firstInLine(ctx, isWanted));
  const line = ofProcess.set(
    ctx.account,
    turn.catch(() => undefined),
  );
  lines.set(ctx.db, line);
  return await turn;
}

const always: IsWanted = async () => true;

async function firstInLine(ctx: AccountContext, isWanted: IsWanted): Promise<boolean> {
  while (!ctx.stopping.aborted && (await isWanted())) {
    const permits = await reserve(ctx.db, ctx.account, 'look_ups', ctx.requestsPerMinute, 1);
    if (permits.granted > 0) return true;
    await waitForPace(ctx, permits);
  }
  return false;
}
