import type { AccountContext } from '../../context.ts';
import type { Outcome } from '../../domain/charges/outcome.ts';
import { isLimit } from '../../domain/control/channel-sign.ts';
import { lastPauses } from '../../infra/tables/charging/charging.ts';
import { endPauses, slowDown } from '../../infra/tables/control/pace.ts';

/** Seconds; whoever cannot be reached is asked again sooner than who said no. */
const LONGEST_UNREACHED = 300;
const LONGEST_REFUSED = 3_600;

/** Pauses in a row without an answer between them after which a person is told, once: shorter ones happen. */
const TOLD_AT = 3;
const WAY_OUT =
  'charges are delayed, not failed, and go out by themselves once it does: see "dueday doctor" and the way from here to Xendit';

/** Nothing was sent: nobody was there. */
export const UNREACHABLE = 'GATEWAY_UNREACHABLE';

/**
 * What a group of answers of an account means for everybody: all replicas wait where Xendit takes nothing or is not there, once a group, and
 * at full pace again once it answers. Xendit's window goes by in real time, whatever our clock is; a wait that we chose goes by
 * on our clock, where the charge's own next attempt keeps it: with a test clock, a real one would hold that clock up.
 */
export async function heedRefusals(ctx: AccountContext, outcomes: readonly Outcome[]): Promise<void> {
  const refusals = outcomes.flatMap((one) =>
    one.kind === 'refused' && one.scope === 'throttled' && !isLimit(one.code) ? [one] : [],
  );
  const answered = outcomes.some(isAnswer);
  if (answered && lastPauses(ctx.db, ctx.account) > 0) await goOn(ctx);
  if (refusals.length === 0) return;
  const told = Math.max(...refusals.map(({ retryAfterSeconds }) => retryAfterSeconds ?? 0));
  const isUnreached = refusals.every(({ code }) => code === UNREACHABLE);
  // One connection that broke among others that did not.
  if (isUnreached && answered) return;
  const { pauses, before } = await slowDown(ctx.db, ctx.account, 'payment_requests', {
    told: told > 0 ? told : null,
    most: isUnreached ? LONGEST_UNREACHED : LONGEST_REFUSED,
    isReal: told > 0 || ctx.clock.kind !== 'virtual',
  });
  const [first] = refusals;
  if (before < TOLD_AT && pauses >= TOLD_AT && first !== undefined)
    ctx.log.warn('xendit takes no charges', { code: first.code, why: first.detail, pauses, way_out: WAY_OUT });
}

/** Who was told that it had stopped is told that it goes on. */
async function goOn(ctx: AccountContext): Promise<void> {
  if (lastPauses(ctx.db, ctx.account) >= TOLD_AT) ctx.log.info('xendit takes charges again');
  await endPauses(ctx.db, ctx.account, 'payment_requests');
}

/** Xendit was there, and took the request, whatever it said. */
export function isAnswer(outcome: Outcome): boolean {
  if (outcome.kind === 'unknown') return false;
  return (
    outcome.kind !== 'refused' ||
    (outcome.scope !== 'throttled' && outcome.scope !== 'not_sent') ||
    isLimit(outcome.code)
  );
}
