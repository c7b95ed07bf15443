import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../../context.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import { type ArmedBy, type Binding, type Mode, mayHaveLostRows, verdictOn } from '../../domain/control/binding.ts';
import { lastArming } from '../../infra/tables/charging/armings.ts';
import { armCharging as arm, type Charging, chargingState } from '../../infra/tables/charging/charging.ts';
import { LOST, untilApplied } from '../change/until-applied.ts';
import type { ByPerson } from '../charges/change-charge.ts';
import { whyNot } from '../control/may-charge.ts';

/** What arming would change, or has changed. */
export type Arming = {
  readonly was: Binding | null;
  readonly is: Binding;
  /** Between the two, in words. */
  readonly differences: readonly string[];
  /** Why nothing was charged, all of it, since arming ends all of it; null when it was. */
  readonly stoppedFor: string | null;
  /** Rows may have been lost: what was due until now is asked about at Xendit before it is tried. */
  readonly asksFirst: boolean;
  /** Who had armed it before; null where nobody had, or it was not written down. */
  readonly lastArmed: ArmedBy | null;
};

export type Armed =
  | { readonly kind: 'armed'; readonly arming: Arming }
  | { readonly kind: 'refused'; readonly detail: string };

/** What `armCharging` would arm now; nothing is changed. */
export async function lookAtArming(ctx: Context): Promise<Arming> {
  return await armingOf(ctx, await chargingState(ctx.db, OWN_ACCOUNT));
}

/** Why nothing would be armed now, in words; null when it would. `only` as in `armCharging`. */
export async function whyNotArm(ctx: Context, only: Mode | null): Promise<string | null> {
  return refusal(ctx, await chargingState(ctx.db, OWN_ACCOUNT), only);
}

/**
 * A person says that this database and this key are the ones that charge; what stopped charging is mended too.
 * `only`: the mode of key that is meant. It must be said where a live key is armed on this very database and this one
 * is not live: it is the wrong environment more often than it is meant. `seen`: what the person was shown and agreed
 * to; nothing else is armed then, however long they took. `by` is written down with it, for good.
 */
export async function armCharging(
  ctx: Context,
  only: Mode | null,
  by: ByPerson,
  seen: Arming | null = null,
): Promise<Armed> {
  return await untilApplied<Armed>(
    async () => {
      const state = await chargingState(ctx.db, OWN_ACCOUNT);
      const refused = refusal(ctx, state, only);
      if (refused !== null) return { kind: 'refused', detail: refused };
      const arming = await armingOf(ctx, state);
      if (seen !== null && !isDeepStrictEqual(arming, seen)) return { kind: 'refused', detail: CHANGED };
      const now = await ctx.clock.now();
      if (!(await arm(ctx.db, { ...arming, ...by, key: ctx.key, state, now, resumes: true }))) return LOST;
      ctx.log.warn('charging was armed by a person', { mode: ctx.key.mode, stopped_for: arming.stoppedFor });
      ctx.wake();
      return { kind: 'armed', arming };
    },
    () => ({ kind: 'refused', detail: CHANGED }),
  );
}

const CHANGED = 'Nothing was armed: it is no longer what it was. Look again, and arm again.';

async function armingOf(ctx: Context, state: Charging): Promise<Arming> {
  const { place } = state.seen;
  const verdict = verdictOn(state.armed, place, ctx.key);
  const why = whyNot(ctx, state);
  return {
    was: state.armed,
    is: { ...place, mode: ctx.key.mode, fingerprint: ctx.key.fingerprint },
    differences: verdict.kind === 'disarmed' ? verdict.differences : [],
    stoppedFor: verdict.kind === 'disarmed' && state.reason !== null ? `${why}; ${state.reason}` : why,
    asksFirst: mayHaveLostRows(state.armed, place, ctx.key),
    lastArmed: await lastArming(ctx.db),
  };
}

function refusal({ key }: Context, { armed, seen }: Charging, only: Mode | null): string | null {
  if (key.barred !== null) return `Nothing was armed: ${key.barred}.`;
  if (seen.place.timeline === null)
    return 'Nothing was armed: the server is a standby. Promote it, or arm the primary.';
  if (only !== null && only !== key.mode) return `Nothing was armed: the key is a ${key.mode} key, not a ${only} one.`;
  const isWherePaid = armed !== null && !mayHaveLostRows(armed, seen.place, key);
  if (only !== null || !isWherePaid || armed.mode !== 'live' || key.mode === 'live') return null;
  return (
    `Nothing was armed: a live key is armed on this database, and this environment has a ${key.mode} one. ` +
    `Set XENDIT_SECRET_KEY as the daemon has it, or say --mode ${key.mode} if you mean it.`
  );
}
