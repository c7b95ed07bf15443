import { beforeEach, describe, expect, test } from 'vitest';
import { importing } from '../support/importing.ts';
import { csv, customerId, fileOf, line, tokenOf } from '../support/subscriber-file.ts';
import { testWorld } from '../support/world.ts';

/* What a move from another biller promises: all faults first, then all or nobody, and nothing is charged by it. */

const START = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: START });
const { gateway } = world;
const { imports, known, rows, counting, nothingStored } = importing(world);
beforeEach(() => world.startOver(START));

describe('the same file again', () => {
  test('has nothing to do, and asks nobody anything', async () => {
    known(1);
    const path = fileOf(csv(line(1)));
    await imports(path);
    const { as, asked } = counting();
    expect(await imports(path, { as })).toMatchObject({ kind: 'nothing_to_do' });
    expect(asked).toEqual([]);
    expect(await rows()).toHaveLength(1);
  });

  test('after a dry run creates what that has seen, and asks about no token twice', async () => {
    known(1, 2);
    const path = fileOf(csv(line(1), line(2)));
    const { as, asked } = counting();
    expect(await imports(path, { dryRun: true, as })).toMatchObject({ kind: 'checked', rows: 2 });
    await nothingStored();
    expect(await imports(path, { as })).toMatchObject({ kind: 'created' });
    expect(asked).toHaveLength(2);
  });

  test('asks anew a day later', async () => {
    known(1);
    const path = fileOf(csv(line(1)));
    const { as, asked } = counting();
    await imports(path, { dryRun: true, as });
    world.moveTo('2026-02-01T03:00:00Z');
    gateway.ends(tokenOf(1), 'expired');
    expect(await imports(path, { as })).toMatchObject({ kind: 'refused' });
    expect(asked).toHaveLength(2);
    await nothingStored();
  });

  test('is created once its tokens are good', async () => {
    const path = fileOf(csv(line(1)));
    expect(await imports(path)).toMatchObject({ kind: 'refused' });
    known(1);
    expect(await imports(path)).toMatchObject({ kind: 'created' });
  });
});

describe('another file, with one line mended', () => {
  test('asks only about the token that was not known', async () => {
    known(1, 2);
    const { as, asked } = counting();
    expect(await imports(fileOf(csv(line(1), line(2, { token: tokenOf(9) }))), { as })).toMatchObject({
      kind: 'refused',
    });
    asked.length = 0;
    expect(await imports(fileOf(csv(line(1), line(2))), { as })).toMatchObject({ kind: 'created', rows: 2 });
    expect(asked).toEqual([tokenOf(2)]);
  });
});

describe('tokens that cannot be charged', () => {
  const recurring = { cardOnFileType: 'RECURRING', recurringFrequency: 1, recurringExpiry: '2030-01-01' };
  test.for<[string, Parameters<typeof gateway.knows>[0] | null, string, object?]>([
    ['unknown to Xendit', null, 'does not know'],
    ['dead', { tokenId: tokenOf(1), status: 'expired' }, 'has ended (expired)'],
    ['canceled', { tokenId: tokenOf(1), status: 'canceled' }, 'has ended (canceled)'],
    ['not confirmed', { tokenId: tokenOf(1), status: 'pending' }, 'not confirmed'],
    ['of another customer', { tokenId: tokenOf(1), customerId: customerId(7) }, 'another customer'],
    ['of another country', { tokenId: tokenOf(1), country: 'PH' }, 'a method of PH'],
    ['in another currency', { tokenId: tokenOf(1), currency: 'PHP' }, 'pays in PHP'],
    [
      'of a channel that asks each time',
      { tokenId: tokenOf(1), channelCode: 'NEXCASH' },
      'asks its customer each time',
    ],
    [
      'of a channel that takes less',
      { tokenId: tokenOf(1), channelCode: 'OVO' },
      'the price',
      { amount: '90000000000' },
    ],
    [
      'saved for what the customer does',
      { tokenId: tokenOf(1), echo: { ...recurring, cardOnFileType: 'CUSTOMER_UNSCHEDULED' } },
      'CUSTOMER_UNSCHEDULED',
    ],
    ['too slow for the plan', { tokenId: tokenOf(1), echo: { ...recurring, recurringFrequency: 30 } }, '30 days apart'],
    [
      'ended before the next payment',
      { tokenId: tokenOf(1), echo: { ...recurring, recurringExpiry: '2026-02-09' } },
      'until 2026-02-09',
    ],
  ])('%s: the line says so, and nobody of the file is created', async ([, token, why, more = {}]) => {
    known(2);
    if (token !== null) gateway.knows({ customerId: customerId(1), ...token });
    const done = await imports(fileOf(csv(line(1, more), line(2))));
    expect(done).toMatchObject({ kind: 'refused', left: [{ line: 2, why: expect.stringContaining(why) }] });
    await nothingStored();
  });

  test('of an earlier line with another customer: the line says so, also where Xendit does not say whose a token is', async () => {
    gateway.knows({ tokenId: tokenOf(1), customerId: null });
    const path = fileOf(csv(line(1), line(2, { token: tokenOf(1) }), line(3, { reference: 'other' })));
    expect(await imports(path)).toMatchObject({
      kind: 'faults',
      faults: [{ line: 3, column: 'payment_token_id', message: expect.stringContaining('person-1') }],
    });
    await nothingStored();
  });

  test('are all told, not the first alone', async () => {
    const done = await imports(fileOf(csv(line(1), line(2), line(3))));
    expect(done.kind === 'refused' ? done.left.map((row) => row.line) : []).toEqual([2, 3, 4]);
  });
});
