import type { Context } from '../../src/context.ts';
import type { Outcome } from '../../src/domain/charges/outcome.ts';
import { nextDue } from '../../src/infra/tables/subscriptions/agenda.ts';
import { chance, drawn } from '../support/chance.ts';
import { declined, type Reaction, type Sent, succeeded, unknown } from '../support/scripted-gateway.ts';
import type { World } from '../support/world.ts';
import { paymentEvent } from './xendit-events.ts';

const plans = ['monthly', 'weekly', 'trial', 'three', 'asking', 'forgiving', 'manila', 'patient', 'stubborn'] as const;

/** Customers of every plan, on cards and wallets, with anchors all over the month. */
export async function manyCustomers(world: World, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const anchorDate =
      n % 3 === 0
        ? world
            .now()
            .toZonedDateTimeISO('UTC')
            .toPlainDate()
            .add({ days: n % 31 })
        : null;
    const token = n % 4 === 1 ? { channelCode: 'OVO', network: null } : {};
    ids.push(await world.onboard(`order-${n}`, plans[n % plans.length], { anchorDate }, token));
  }
  return ids;
}

/**
 * A gateway that behaves as the real one on a bad day: declines of every class, silence before and after charging, and
 * webhooks that come before the answer, twice, or instead of it.
 */
export function badDays(world: World, seed: number, silence = 1): Reaction {
  const { gateway } = world;
  const random = chance(seed);
  return async (sent) => {
    const outcome = drawn<() => Outcome>(random, [
      [70, () => succeeded()],
      [10, () => declined('INSUFFICIENT_BALANCE')],
      [3, () => declined('ISSUER_UNAVAILABLE')],
      [2, () => declined('REQUIRES_ACTION')],
      [1, () => declined('EXPIRED_CARD')],
      [3 * silence, () => unknown()],
    ])();
    const told = drawn(random, [
      [60, 'by the answer'],
      [15, 'by a webhook before the answer'],
      [15, 'twice'],
      [5 * silence, 'by a webhook only'],
      [5 * silence, 'by nobody'],
    ] as const);
    return await tell(sent, outcome, told);
  };

  async function tell(sent: Sent, outcome: Outcome, told: string): Promise<Outcome> {
    const silent = told === 'by a webhook only' || told === 'by nobody';
    if (outcome.kind !== 'succeeded' && outcome.kind !== 'declined') return outcome;
    const answer = silent ? await gateway.inSilence(outcome)(sent) : outcome;
    if (told !== 'by the answer' && told !== 'by nobody') await world.receives(paymentEvent(sent, outcome));
    if (told === 'twice') await world.receives(paymentEvent(sent, outcome));
    return answer;
  }
}

/** Moves from due instant to due instant, with all of these daemons at work at once. */
export async function liveTogether(world: World, daemons: readonly Context[], until: string): Promise<void> {
  const target = Temporal.Instant.from(until);
  for (;;) {
    await Promise.all(daemons.map((daemon) => world.workAs(daemon)));
    if (Temporal.Instant.compare(world.now(), target) >= 0) return;
    const due = await nextDue(world.db, world.ctx.buckets, world.now());
    world.moveTo((due === null || Temporal.Instant.compare(due, target) > 0 ? target : due).toString());
  }
}
