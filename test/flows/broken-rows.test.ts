import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

/** Three who owe the same; whatever is wrong with the second, the others are billed. */
async function three(plan = 'monthly'): Promise<readonly [string, string, string]> {
  return [await world.onboard('a', plan), await world.onboard('broken', plan), await world.onboard('c', plan)];
}
const told = () => world.logged.filter((line) => line.level === 'error').map((line) => line.event);

describe('a row that cannot be worked with does not keep the others from being billed', () => {
  test('when its cycle cannot be opened; mended, it is billed', async () => {
    const [a, broken, c] = await three();
    await world.ask(sql`update subscriptions set time_zone = 'Mars/Base' where id = ${broken}::uuid`);
    await world.work();
    for (const id of [a, c]) expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await world.charges(broken)).toEqual([]);
    expect(told()).toContain('subscription cannot be worked with');
    await world.ask(sql`update subscriptions set time_zone = 'Asia/Jakarta' where id = ${broken}::uuid`);
    await world.work();
    expect(await world.charge(broken)).toMatchObject({ status: 'paid' });
  });

  test('when it cannot be admitted to an attempt; it comes back within the hour', async () => {
    const [a, broken, c] = await three();
    gateway.otherwise(() => declined('INSUFFICIENT_BALANCE'));
    await world.work();
    gateway.forget();
    await world.ask(sql`update subscriptions set time_zone = 'Mars/Base' where id = ${broken}::uuid`);
    await world.liveUntil('2026-02-01T02:30:00Z');
    for (const id of [a, c]) expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await world.charge(broken)).toMatchObject({ status: 'due', next_attempt_at: '2026-02-01T03:00:00Z' });
    await world.ask(sql`update subscriptions set time_zone = 'Asia/Jakarta' where id = ${broken}::uuid`);
    await world.liveUntil('2026-02-01T03:00:00Z');
    expect(await world.charge(broken)).toMatchObject({ status: 'paid' });
  });

  test('when the database refuses its attempt', async () => {
    const [a, broken, c] = await three();
    gateway.otherwise(() => declined('INSUFFICIENT_BALANCE'));
    await world.work();
    gateway.forget();
    // A row that a restored database lost: its attempt is there, and the charge does not know of it.
    await world.ask(sql`update charges set attempts = 0 where subscription_id = ${broken}::uuid`);
    await world.liveUntil('2026-02-01T02:30:00Z');
    for (const id of [a, c]) expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await world.charge(broken)).toMatchObject({ status: 'due', next_attempt_at: '2026-02-01T03:00:00Z' });
    expect(gateway.sent).toHaveLength(2);
  });

  test('when the rules for its answer cannot be read: it is asked about, and money is settled all the same', async () => {
    const [a, broken, c] = await three();
    await world.ask(sql`update subscriptions set plan = 'gone', next_cycle_at = null where id = ${broken}::uuid`);
    await world.work();
    for (const id of [a, c]) expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    await world.ask(
      sql`update subscriptions set plan = 'monthly', next_cycle_at = '2026-01-31T02:00:00Z' where id = ${broken}::uuid`,
    );
    gateway.script(gateway.inSilence({ kind: 'succeeded', paymentRequestId: 'pr-1', paymentId: 'py-1' }));
    await world.work();
    await world.ask(sql`update charges set plan = 'gone' where subscription_id = ${broken}::uuid`);
    await world.liveUntil('2026-01-31T02:10:00Z');
    expect(gateway.asked).toContain((await world.charge(broken)).attempts[0]?.reference_id);
    expect(await world.charge(broken)).toMatchObject({ status: 'paid', attempts: [{ number: 1 }] });
    expect(gateway.payments).toHaveLength(3);
  });

  test('when waiting for its customer cannot be given up: it is held for a person', async () => {
    const [a, broken, c] = await three('forgiving');
    gateway.otherwise(() => declined('REQUIRES_ACTION'));
    await world.work();
    await world.ask(sql`update charges set plan = 'gone' where subscription_id = ${broken}::uuid`);
    await world.liveUntil('2026-02-10T02:00:00Z');
    for (const id of [a, c]) expect(await world.charge(id)).toMatchObject({ status: 'uncollectible' });
    expect(await world.charge(broken)).toMatchObject({ status: 'held', hold_reason: 'broken' });
  });

  test('when its webhook cannot be understood', async () => {
    const [a] = await three();
    for (const body of [{}, { event: 7 }, { event: 'payment.capture', data: { reference_id: 'due_x' } }, []])
      await world.receives(body);
    await world.work();
    expect(await world.charge(a)).toMatchObject({ status: 'paid' });
    expect(await world.ask(sql`select count(*)::int as open from inbox where status = 'received'`)).toEqual([
      { open: 0 },
    ]);
  });
});
