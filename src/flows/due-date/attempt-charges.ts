import type { AccountContext } from '../../context.ts';
import type { Outcome } from '../../domain/charges/outcome.ts';
import { errorFacts } from '../../infra/logger.ts';
import type { AttemptDossier } from '../../infra/tables/charges/attempts.ts';
import { pauseEndpoint } from '../../infra/tables/control/pace.ts';
import { sendableRequest } from '../../infra/vault/request.ts';

/** Attempts that this process wrote and may send while its lease lasts, with their charges as they now are. */
export type ClaimedBatch = {
  readonly dossiers: readonly AttemptDossier[];
  readonly claimedAt: number;
  /** The channel that these tell about, for those of its charges that wait until they have; null: they tell nothing new. */
  readonly sample: string | null;
};

export type Answered = {
  readonly attemptId: string;
  readonly outcome: Outcome;
  /** What whoever claimed the attempt heard itself; everything else was asked about, or is of a repetition. */
  readonly firstHand?: boolean;
  /** The state that its sender left it in: while that is the newest, it need not be read again. */
  readonly seen?: AttemptDossier;
};

/** Answers that come this close together are settled in one statement: a statement an answer costs five times as much. */
const GATHER_MS = 15;

/**
 * Sends the attempts of a batch, all at once, between two statements: no transaction is open (invariant 3). Answers come
 * in groups as they arrive, so that a slow one holds nobody up.
 */
export async function* attemptCharges(ctx: AccountContext, batch: ClaimedBatch): AsyncGenerator<readonly Answered[]> {
  const arrived: Answered[] = [];
  let arrival = Promise.withResolvers<void>();
  let open = batch.dossiers.length;
  for (const dossier of batch.dossiers) {
    void send(ctx, batch, dossier).then((outcome) => {
      arrived.push({ attemptId: dossier.attempt.id, outcome, firstHand: true, seen: dossier });
      open -= 1;
      arrival.resolve();
    });
  }
  while (open > 0 || arrived.length > 0) {
    await arrival.promise;
    if (open > 0) await ctx.sleep(GATHER_MS);
    arrival = Promise.withResolvers<void>();
    if (arrived.length > 0) yield arrived.splice(0);
    if (open === 0 && arrived.length === 0) break;
  }
  await pauseWhenAllowanceIsSpent(ctx);
}

async function send(ctx: AccountContext, batch: ClaimedBatch, dossier: AttemptDossier): Promise<Outcome> {
  const { attempt } = dossier;
  if (ctx.stopping.aborted) return notSent('STOPPING', 'the process is shutting down');
  // What cannot be answered within the lease is not sent.
  if (ctx.monotonic() - batch.claimedAt > ctx.lease.seconds * 1_000 - ctx.lease.sendingTakesMs) {
    return notSent('LEASE_TOO_SHORT', 'too little of the lease was left to wait for an answer');
  }
  const body = requestOf(dossier);
  if (body === null) return notSent('SEALED', 'the request cannot be put together from its row and its payment token');
  const started = ctx.monotonic();
  try {
    ctx.failpoint?.('before-call');
    return await ctx.gateway.pay(body, attempt.referenceId);
  } catch (error) {
    // A bug of ours. Whether the request left is not known, so it is asked about like any other silence.
    const about = { charge_id: dossier.charge.id, reference_id: attempt.referenceId };
    ctx.log.error('attempt broke', { ...about, ...errorFacts(error) });
    return { kind: 'unknown', detail: 'an internal error; see the log', paymentRequestId: null };
  } finally {
    ctx.failpoint?.('after-answer');
    ctx.counters.gatewayCall('payment_requests', ctx.monotonic() - started);
  }
}

/** The exact request that was written for an attempt; null when row and payment token do not make it: then nothing is sent. */
export function requestOf({ attempt, token }: AttemptDossier): string | null {
  return token === null || token.tokenId === null ? null : sendableRequest(attempt, token.tokenId);
}

function notSent(code: string, detail: string): Outcome {
  return { kind: 'refused', scope: 'not_sent', code, detail, retryAfterSeconds: null };
}

/** Xendit's own counter is nearly used up: everybody waits until it says there is more. */
async function pauseWhenAllowanceIsSpent(ctx: AccountContext): Promise<void> {
  const allowance = ctx.gateway.allowance();
  if (allowance !== null && allowance.remaining <= 0)
    await pauseEndpoint(ctx.db, ctx.account, 'payment_requests', allowance.resetSeconds);
}
