import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { rescueAttempts } from '../../src/flows/rescue/rescue-attempts.ts';
import { answering } from '../support/answering.ts';
import { runs } from '../support/runs.ts';
import { declined, succeeded, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { badDays, liveTogether, manyCustomers } from './busy-year.ts';
import { expectNothingToTell, expectSound } from './oracle.ts';
import { paymentEvent } from './xendit-events.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, gateway } = world;
const other = world.another();
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

describe('two daemons on one database', () => {
  test.each([1, 2, 3].slice(0, runs(3, 1)))(
    'collect every cycle exactly once through bad days (seed %i)',
    async (seed) => {
      const ids = await manyCustomers(world, 18);
      gateway.otherwise(badDays(world, seed));
      await liveTogether(world, [ctx, other], '2026-02-20T00:00:00Z');
      await expectSound(world);
      expectNothingToTell(world);
      expect(gateway.payments.length).toBeGreaterThan(ids.length);
      const open = sql`select reference_id from attempts where outcome is null`;
      expect(await world.ask(open)).toEqual([]);
      const settledTwice = sql`select charge_id, attempt from ledger where kind = 'charge.paid' group by 1, 2 having count(*) > 1`;
      expect(await world.ask(settledTwice)).toEqual([]);
    },
  );

  test('settle one attempt once, though its answer, its webhook and a look-up come at the same moment', async () => {
    const id = await world.onboard('order-1');
    gateway.script(unknown());
    await world.work();
    const [sent] = gateway.sent;
    if (sent === undefined) throw new Error('Nothing was sent.');
    const outcome = succeeded();
    gateway.finds(sent.referenceId, { kind: 'found', outcome });
    await Promise.all([1, 2, 3].map((n) => world.receives(paymentEvent(sent, outcome, { note: n }))));
    world.moveTo('2026-01-31T02:01:00Z');
    await Promise.all([ctx, other, ctx, other].map((daemon) => world.workAs(daemon)));
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 0 });
    expect((await world.told(id)).filter((kind) => kind === 'charge.paid')).toHaveLength(1);
  });

  test('leave an attempt alone whose owner is still waiting for the answer', async () => {
    const id = await world.onboard('order-1');
    gateway.script(async () => {
      await rescueAttempts(other);
      return succeeded();
    });
    await world.work();
    expect(gateway.asked).toEqual([]);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{ outcome: 'succeeded' }] });
  });

  test.each([
    [
      'whose owner fell silent',
      sql`update attempts set outcome = null, outcome_at = null, next_check_at = null,
      lease_until = now() - interval '1 second'`,
    ],
    ['that is due to be asked about', sql`update attempts set lease_until = lease_until`],
  ])('do not ask both about an attempt %s', async (_, happens) => {
    await world.onboard('order-1');
    gateway.script(unknown());
    await world.work();
    await world.ask(happens);
    world.moveTo('2026-01-31T02:01:00Z');
    const slow: typeof gateway.lookUp = async (trace) => {
      const found = await gateway.lookUp(trace);
      if (gateway.asked.length < 3) await rescueAttempts(other);
      return found;
    };
    await rescueAttempts(answering(ctx, { lookUp: slow }));
    expect(gateway.asked).toHaveLength(1);
  });

  test('spend one step of the ladder on one decline', async () => {
    const ids = await Promise.all(Array.from({ length: 6 }, (_, n) => world.onboard(`order-${n}`)));
    gateway.otherwise(async (sent) => {
      const outcome = declined('INSUFFICIENT_BALANCE', { paymentRequestId: `pr-${sent.referenceId}` });
      await world.receives(paymentEvent(sent, outcome));
      return outcome;
    });
    await Promise.all([ctx, other].map((daemon) => world.workAs(daemon)));
    await Promise.all([ctx, other].map((daemon) => world.workAs(daemon)));
    for (const id of ids) {
      expect(await world.charge(id)).toMatchObject({
        next_attempt_at: '2026-02-01T02:00:00Z',
        attempts: [{ number: 1 }],
      });
      expect((await world.told(id)).filter((kind) => kind === 'attempt.settled')).toHaveLength(1);
    }
  });
});
