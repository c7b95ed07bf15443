import type { AccountContext, Context } from '../../context.ts';
import { verdictOn } from '../../domain/control/binding.ts';
import type { Database } from '../../infra/database/db.ts';
import type { Standings } from '../../infra/tables/charging/breakers.ts';
import { armCharging, type Charging, meetRun } from '../../infra/tables/charging/charging.ts';
import type { Permit } from '../../infra/tables/control/binding.ts';
import { lookAtCharging } from '../catalog/follow-catalog.ts';

export type MayCharge =
  | { readonly kind: 'yes'; readonly permit: Permit; readonly channels: Standings; readonly pauses: number }
  | { readonly kind: 'no'; readonly reason: string };

/** The last reason that was logged of each account, so that a daemon tells it once and not with every look. */
const told = new WeakMap<Database, Map<string, string | null>>();

/**
 * Whether this process may charge now: charging is on, and armed for this database and this key (invariant 13). Asked
 * before every claim, since a connection may come back to another server. A key that moves no money arms a database that
 * was never armed; of several daemons at once one does, and the others find it done.
 */
export async function mayCharge(ctx: AccountContext, isSecondLook = false): Promise<MayCharge> {
  const state = await lookAtCharging(ctx, ctx.account);
  const verdict = verdictOn(state.armed, state.seen.place, ctx.key);
  if (verdict.kind === 'arms_itself') {
    if (await armItself(ctx, state))
      ctx.log.info('charging armed itself', { mode: ctx.key.mode, key: ctx.key.fingerprint });
    return await mayCharge(ctx);
  }
  const reason = whyNot(ctx, state);
  tell(ctx, state, reason);
  if (reason !== null) return { kind: 'no', reason };
  const { askSince, runSince, channels, pauses } = state;
  const { start } = state.seen;
  if (state.run === start)
    return { kind: 'yes', permit: { key: ctx.key, start, askSince, runSince, account: ctx.account }, channels, pauses };
  if (isSecondLook) return { kind: 'no', reason: 'the database server is being restarted' };
  if (await meetRun(ctx.db, state, await ctx.clock.now())) ctx.log.warn('another run of the database server', RUN);
  return await mayCharge(ctx, true);
}

const RUN = {
  why: 'It was restarted, and may have been put back to an older state.',
  follows:
    'Charges that are due now and cannot be sent twice are asked about at Xendit before they are tried; cards go on.',
};

async function armItself({ db, key, clock }: Pick<Context, 'db' | 'key' | 'clock'>, state: Charging): Promise<boolean> {
  const reason = `a ${key.mode} key moves no money, and the database was never armed`;
  const record = { differences: [], stoppedFor: null, actor: 'dueday', reason };
  return await armCharging(db, { key, state, now: await clock.now(), asksFirst: false, resumes: false, ...record });
}

/** Why nothing is charged, in words; null when it is. */
export function whyNot(ctx: Pick<Context, 'key'>, state: Charging): string | null {
  const verdict = verdictOn(state.armed, state.seen.place, ctx.key);
  if (verdict.kind !== 'disarmed') return state.reason;
  return `not armed: ${verdict.differences.join('; ')}`;
}

const ARM = 'when it may go on, run: dueday arm';

function tell(ctx: AccountContext, state: Charging, reason: string | null): void {
  const known = told.get(ctx.db) ?? new Map<string, string | null>();
  const before = known.get(ctx.account) ?? null;
  told.set(ctx.db, known.set(ctx.account, reason));
  // What stopped charging for a fault has said so itself.
  if (reason === before || (reason === state.reason && state.stoppedBy === null)) return;
  if (reason === null) ctx.log.warn('charging is armed', { mode: ctx.key.mode });
  else if (reason === state.reason) ctx.log.warn('charging was stopped by a person', { why: reason, way_out: ARM });
  else ctx.log.error('charging is not armed', { why: reason, way_out: 'look at: dueday doctor; then run: dueday arm' });
}
