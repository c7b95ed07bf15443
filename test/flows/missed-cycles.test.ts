import { beforeEach, describe, expect, test } from 'vitest';
import { releaseCharge, voidCharge } from '../../src/flows/charges/change-charge.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const statuses = async (id: string) => (await world.charges(id)).map((charge) => charge.status);
const siti = { actor: 'siti', reason: null };

/** A customer who has paid the first cycle; then nothing runs until that instant. */
async function downUntil(instant: string, plan: string): Promise<string> {
  const id = await world.onboard('order-1', plan);
  await world.work();
  world.moveTo(instant);
  await world.work();
  return id;
}

describe('cycles that fell due while nothing ran', () => {
  test('are charged each where the plan says all, one a day', async () => {
    const id = await downUntil('2026-03-02T00:00:00Z', 'weekly');
    expect(await statuses(id)).toEqual(['paid', 'paid', 'due', 'due', 'due']);
    await world.liveUntil('2026-03-07T00:00:00Z');
    expect(await statuses(id)).toEqual(['paid', 'paid', 'paid', 'paid', 'paid']);
    expect((await world.charges(id)).slice(1).map(({ attempts }) => attempts[0]?.sent_at.slice(0, 10))).toEqual([
      '2026-03-02',
      '2026-03-03',
      '2026-03-04',
      '2026-03-05',
    ]);
    expect((await world.charges(id)).slice(1).every((charge) => charge.missed)).toBe(true);
  });

  test('are void but for the newest where it says latest', async () => {
    const id = await downUntil('2026-05-15T00:00:00Z', 'monthly');
    expect(await world.charges(id)).toMatchObject([
      { status: 'paid' },
      { status: 'void', missed: true, note: expect.stringContaining('latest') },
      { status: 'void', missed: true },
      { cycle: 3, status: 'paid', missed: true },
    ]);
    expect(gateway.payments).toHaveLength(2);
  });

  test('are all void where it says none, and the next one is charged on its day', async () => {
    const id = await downUntil('2026-05-15T00:00:00Z', 'forgiving');
    expect(await statuses(id)).toEqual(['paid', 'void', 'void', 'void']);
    await world.liveUntil('2026-05-31T02:00:00Z');
    expect(await statuses(id)).toEqual(['paid', 'void', 'void', 'void', 'paid']);
  });

  test('are held for a person where it says ask: released they are charged, voided they are not', async () => {
    const id = await downUntil('2026-04-15T00:00:00Z', 'asking');
    expect(await world.charges(id)).toMatchObject([
      { status: 'paid' },
      { status: 'held', hold_reason: 'missed_cycle' },
      { status: 'held' },
    ]);
    const [, second, third] = await world.charges(id);
    await releaseCharge(ctx, second?.id ?? '', siti);
    await voidCharge(ctx, third?.id ?? '', siti);
    await world.work();
    expect(await statuses(id)).toEqual(['paid', 'paid', 'void']);
  });

  test('are charged one a day per customer, whichever subscription they are of', async () => {
    const customer = { referenceId: 'siti', givenNames: 'Siti', surname: null, email: null, mobileNumber: null };
    const ids = [
      await world.onboard('a', 'weekly', { customer }),
      await world.onboard('b', 'weekly', { customer }),
      await world.onboard('c', 'weekly'),
    ];
    await world.work();
    world.moveTo('2026-02-10T00:00:00Z');
    await world.work();
    expect(gateway.sent).toHaveLength(3 + 2);
    await world.work();
    expect(gateway.sent).toHaveLength(3 + 2);
    await world.liveUntil('2026-02-11T03:00:00Z');
    for (const id of ids) expect(await statuses(id)).toEqual(['paid', 'paid']);
  });

  test('are charged one a day per customer, also where another customer comes before all of theirs', async () => {
    await world.onboard('first', 'weekly');
    world.moveTo('2026-01-31T02:00:01Z');
    const customer = { referenceId: 'siti', givenNames: 'Siti', surname: null, email: null, mobileNumber: null };
    for (const reference of ['a', 'b', 'c']) await world.onboard(reference, 'weekly', { customer });
    await world.work();
    world.moveTo('2026-02-10T00:00:00Z');
    await world.work();
    expect(gateway.sent).toHaveLength(4 + 2);
    await world.liveUntil('2026-02-10T23:00:00+07:00');
    expect(gateway.sent).toHaveLength(4 + 2);
  });

  test('are not missed when they are less than a day late', async () => {
    const id = await downUntil('2026-03-01T01:59:00Z', 'forgiving');
    expect(await world.charges(id)).toMatchObject([{ status: 'paid' }, { status: 'paid', missed: false }]);
  });

  test('do not count as one of the day when nothing was attempted, or our request was refused', async () => {
    const id = await world.onboard('order-1', 'weekly');
    await world.work();
    gateway.script({
      kind: 'refused',
      scope: 'charge',
      code: 'API_VALIDATION_ERROR',
      detail: '',
      retryAfterSeconds: null,
    });
    world.moveTo('2026-02-16T00:00:00Z');
    await world.work();
    expect(await statuses(id)).toEqual(['paid', 'held', 'paid']);
  });

  test('dun like any other, and a decline does not keep the rest back for more than a day', async () => {
    const id = await world.onboard('order-1', 'weekly');
    await world.work();
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    world.moveTo('2026-02-16T00:00:00Z');
    await world.liveUntil('2026-02-18T03:00:00Z');
    expect(await statuses(id)).toEqual(['paid', 'paid', 'paid']);
    expect((await world.charge(id, 1)).attempts).toHaveLength(2);
  });
});
