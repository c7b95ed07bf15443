import { writeFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AccountContext } from '../../src/context.ts';
import { importStatus } from '../../src/flows/imports/import-status.ts';
import { NoAnswer } from '../../src/flows/imports/token-look.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { answering } from '../support/answering.ts';
import { importing } from '../support/importing.ts';
import { csv, customerId, fileOf, line, tokenOf } from '../support/subscriber-file.ts';
import { testWorld } from '../support/world.ts';

/* What a move from another biller promises: all faults first, then all or nobody, and nothing is charged by it. */

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { ctx, gateway } = world;
const { imports, known, rows, states, counting, nothingStored } = importing(world);
beforeEach(() => world.startOver(START));

describe('what the books have already', () => {
  test('a reference of another subscription, and a customer who would be charged twice', async () => {
    const id = await world.onboard('old-1', 'monthly');
    const [person] = await world.ask<{ reference_id: string; xendit_id: string }>(
      sql`select reference_id, xendit_id from customers`,
    );
    const path = fileOf(csv(line(1), line(2, { customer: person?.reference_id ?? '' })));
    const done = await imports(path);
    expect(done).toMatchObject({
      kind: 'faults',
      faults: [
        { line: 2, column: 'reference_id', message: expect.stringContaining(id) },
        { line: 3, column: expect.stringMatching(/^customer_/) },
      ],
    });
  });

  test('a subscription of the same plan that goes on: who is here already is not moved (charged by both)', async () => {
    known(1);
    await imports(fileOf(csv(line(1))));
    const again = line(2, { customer: 'person-1', customerId: customerId(1), token: tokenOf(1) });
    expect(await imports(fileOf(csv(again)))).toMatchObject({
      kind: 'faults',
      faults: [{ line: 2, column: 'customer_reference', message: expect.stringContaining('charged twice') }],
    });
    const [one] = await rows();
    await cancelSubscription(ctx, one?.id ?? '', { at: 'now', reason: null, actor: 'product' });
    expect(await imports(fileOf(csv(again)))).toMatchObject({ kind: 'created' });
  });

  test("Xendit's id of another customer, both ways", async () => {
    known(1);
    await imports(fileOf(csv(line(1))));
    const swapped = [
      line(2, { customer: 'person-1', plan: 'weekly' }),
      line(3, { customerId: customerId(1), plan: 'weekly' }),
    ];
    expect(
      await imports(fileOf(csv(...swapped.map((text) => text.replaceAll('2026-02-10', '2026-02-05'))))),
    ).toMatchObject({
      kind: 'faults',
      faults: [
        { line: 2, column: 'customer_id' },
        { line: 3, column: 'customer_reference' },
      ],
    });
  });
});

describe('Xendit that is busy, or silent', () => {
  test('is asked within the pace that all share, and the command waits for its turn', async () => {
    known(1, 2, 3);
    const slept: number[] = [];
    const as = {
      ...ctx,
      requestsPerMinute: 2,
      sleep: async (milliseconds: number) => {
        slept.push(milliseconds);
        await world.ask(sql`update pace set at = '{}', permits = '{}'`);
      },
    };
    expect(await imports(fileOf(csv(line(1), line(2), line(3))), { as })).toMatchObject({ kind: 'created', rows: 3 });
    expect(slept.length).toBeGreaterThan(0);
    expect(Math.min(...slept)).toBeGreaterThanOrEqual(1_000);
  });

  test('ends the command after a few silences; what it said before is kept, and nobody was created', async () => {
    known(1, 2);
    const { as, asked } = counting();
    const path = fileOf(csv(...Array.from({ length: 20 }, (_, index) => line(index + 1))));
    known(...Array.from({ length: 20 }, (_, index) => index + 1));
    const token: typeof gateway.token = async (id) =>
      id === tokenOf(20) ? { kind: 'silent', detail: 'no answer' } : await as.gateway.token(id);
    await expect(imports(path, { as: answering(as, { token }) })).rejects.toThrow(NoAnswer);
    await nothingStored();
    const before = asked.length;
    expect(await imports(path, { as })).toMatchObject({ kind: 'created', rows: 20 });
    // Those that were asked about beside the silent one may be heard of a little later than the command ends.
    expect([...new Set(asked.slice(before))].toSorted()).toEqual([17, 18, 19, 20].map(tokenOf).toSorted());
  });

  test('status says how long the look-ups that are left will take', async () => {
    const token: typeof gateway.token = async () => ({ kind: 'silent', detail: 'no answer' });
    await imports(fileOf(csv(line(1), line(2))), { as: answering(ctx, { token }) }).catch(() => undefined);
    expect(await importStatus({ ...ctx, requestsPerMinute: 2 })).toMatchObject([
      { state: 'checking', rows: 2, by_state: { unknown: 2 }, looked_up_at: '2026-01-31T02:02:00Z', by: 'cli:ani' },
    ]);
  });
});

describe('what changed while Xendit was asked', () => {
  test('refuses the file: a date has passed', async () => {
    known(1);
    const token: typeof gateway.token = async (id) => {
      world.moveTo('2026-02-10T02:00:00Z');
      return await gateway.token(id);
    };
    const done = await imports(fileOf(csv(line(1))), { as: answering(ctx, { token }) });
    expect(done).toMatchObject({ kind: 'faults', faults: [{ line: 2, column: 'next_payment_date' }] });
    await nothingStored();
  });

  test('leaves one line out, and says why: a name that somebody took while the others were created', async () => {
    known(1, 2);
    const path = fileOf(csv(line(1), line(2)));
    let isTaken = false;
    const as: AccountContext = {
      ...ctx,
      clock: {
        ...ctx.clock,
        now: async () => {
          const [row] = await world.ask<{ state: string }>(sql`select state from imports`);
          if (row?.state === 'creating' && !isTaken) {
            isTaken = true;
            await world.create('old-1', 'weekly');
          }
          return await ctx.clock.now();
        },
      },
    };
    const done = await imports(path, { as });
    expect(done).toMatchObject({ kind: 'created', left: [{ line: 2, why: expect.stringContaining('reference_id') }] });
    expect(await states()).toMatchObject([{ state: 'left' }, { state: 'created' }]);
  });

  test('creates nobody from a file that somebody wrote anew while Xendit was asked', async () => {
    known(1, 2);
    const path = fileOf(csv(line(1), line(2)));
    const token: typeof gateway.token = async (id) => {
      writeFileSync(path, csv(line(2), line(1)));
      return await gateway.token(id);
    };
    const done = await imports(path, { as: answering(ctx, { token }) });
    expect(done).toMatchObject({ kind: 'faults', faults: [{ line: 1, message: expect.stringContaining('changed') }] });
    await nothingStored();
  });

  test('leaves out a line that is another one than Xendit was asked about: nobody is charged by the method of another', async () => {
    known(1, 2);
    const path = fileOf(csv(line(1), line(2)));
    const as: AccountContext = {
      ...ctx,
      failpoint: (point) => {
        if (point === 'before-beginning-to-create') writeFileSync(path, csv(line(1, { token: tokenOf(2) }), line(2)));
      },
    };
    expect(await imports(path, { as })).toMatchObject({
      kind: 'created',
      left: [{ line: 2, why: expect.stringContaining('changed') }],
    });
    expect((await rows()).map(({ reference_id }) => reference_id)).toEqual(['old-2']);
  });
});
