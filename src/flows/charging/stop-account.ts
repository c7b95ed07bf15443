import type { Context } from '../../context.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import type { Decision } from '../../domain/declines/decision.ts';
import { stopCharging } from '../../infra/tables/charging/charging.ts';

/**
 * Stops charging of an account that is at fault, before the charge that met the fault is due again: otherwise another process would
 * burn an attempt of it on the same fault.
 */
export async function stopIfAtFault(
  ctx: Context,
  account: string,
  decision: Decision,
  now: Temporal.Instant,
): Promise<void> {
  if (decision.kind !== 'release' || !decision.stops) return;
  if (!(await stopCharging(ctx.db, account, now, decision.why.text))) return;
  const isOwn = account === OWN_ACCOUNT;
  const way_out = isOwn
    ? 'mend the account at Xendit, then run: dueday arm'
    : 'mend the account at Xendit; it is tried again after a restart';
  ctx.log.error('charging stopped', { ...(isOwn ? {} : { account }), why: decision.why.text, way_out });
}
