import { beforeEach, describe, expect, test } from 'vitest';
import { onDueDate } from '../../src/flows/due-date/on-due-date.ts';
import { openCharges } from '../../src/flows/due-date/open-charges.ts';
import { statementOf } from '../../src/infra/database/sql.ts';
import { breakerOf } from '../../src/infra/tables/charging/breakers.ts';
import { losing, unsent } from '../support/losing.ts';
import { refused, succeeded } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { statements } from './cut-connection.ts';
import { expectSound } from './oracle.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
const { putBack, keep, lose, lapse, references, onWallet } = losing(world);
const other = world.another();
beforeEach(() => world.startOver(start));

describe('after the database was put back to an older state in its own place', () => {
  test('a wallet is asked about before it is tried, and charged once', async () => {
    const id = await onWallet('order-1');
    await putBack(() => world.work());
    await world.liveUntil('2026-01-31T04:00:00Z');
    expect(references()).toEqual([`due_${id}_0_1`]);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, attempts: [{ number: 1 }] });
    await expectSound(world);
  });

  test('a wallet of which Xendit knows nothing is charged after five minutes', async () => {
    const id = await onWallet('order-1');
    await putBack(async () => undefined);
    await world.liveUntil('2026-01-31T02:04:59Z');
    expect(gateway.sent).toEqual([]);
    await world.liveUntil('2026-01-31T02:05:00Z');
    expect(references()).toEqual([`due_${id}_0_1`]);
    await expectSound(world);
  });

  test('wallets that wait for a stopped channel are asked about before one of them finds out whether it works', async () => {
    const ids = await Promise.all(Array.from({ length: 3 }, (_, n) => onWallet(`order-${n}`)));
    const untouched = await onWallet('order-4');
    const fault = () => refused('channel', 'CHANNEL_NOT_ACTIVATED');
    gateway.otherwise(fault);
    await world.work();
    await putBack(async () => {
      gateway.otherwise(({ referenceId }) => (referenceId.includes(untouched) ? fault() : succeeded()));
      await world.liveUntil('2026-01-31T02:05:00Z');
      expect(gateway.payments).toHaveLength(3);
    });
    expect(await breakerOf(ctx.db, 'OVO')).toMatchObject({ state: 'open' });
    gateway.otherwise(() => succeeded());
    await world.liveUntil('2026-01-31T04:00:00Z');
    expect(gateway.payments).toHaveLength(4);
    for (const id of [...ids, untouched]) expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0 });
    await expectSound(world);
  });

  test('a card waits for nothing: Xendit refuses its reference, and the payment that there is becomes ours', async () => {
    const id = await world.onboard('order-1');
    await putBack(() => world.work());
    world.moveTo('2026-02-01T05:00:00Z');
    await world.work();
    expect(gateway.sent.map(({ referenceId }) => referenceId)).toEqual([`due_${id}_0_1`, `due_${id}_0_1`]);
    await world.liveUntil('2026-02-01T06:00:00Z');
    expect(references()).toEqual([`due_${id}_0_1`]);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0, attempts: [{ number: 1 }] });
    await expectSound(world);
  });

  test('a card request in doubt is not repeated when a later one, whose row was lost, was taken', async () => {
    const id = await world.onboard('order-1');
    gateway.script(async () => {
      await keep();
      return unsent;
    }, succeeded());
    await world.work();
    await lose();
    await world.above(`update charging set timeline = timeline - 1, run = 'before'`);
    await lapse();
    for (const hour of ['03', '05']) await world.liveUntil(`2026-01-31T${hour}:00:00Z`);
    expect(references()).toEqual([`due_${id}_0_2`]);
    await expectSound(world);
  });

  test('what falls due afterwards is not asked about, and several daemons meet the run once', async () => {
    await onWallet('order-1');
    await world.work();
    await putBack(async () => undefined);
    await Promise.all([ctx, other].map((daemon) => world.workAs(daemon)));
    expect(world.logged.filter(({ event }) => event === 'another run of the database server')).toHaveLength(1);
    await world.liveUntil('2026-02-28T02:00:00Z');
    expect(gateway.sent).toHaveLength(2);
    expect(gateway.asked).toEqual([]);
  });

  test('a claim that was decided on under the run before is not written', async () => {
    const id = await onWallet('order-1');
    await openCharges(ctx, world.now());
    const run: typeof ctx.db.run = async (query) => {
      // The database is put back between the look and the claim, and nobody has met its new run yet.
      if (statements.claim.test(statementOf(query).text)) await world.above(`update charging set run = 'before'`);
      return await ctx.db.run(query);
    };
    let stops = false;
    const stopping = {
      get aborted() {
        return stops;
      },
    } as AbortSignal;
    await onDueDate({
      ...ctx,
      db: { ...ctx.db, run },
      stopping,
      sleep: async () => {
        stops = true;
      },
    });
    expect(gateway.sent).toEqual([]);
    expect((await world.charge(id)).attempts).toEqual([]);
  });
});
