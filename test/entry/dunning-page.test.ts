import { beforeEach, describe, expect, test } from 'vitest';
import { recoveries } from '../../src/domain/dunning/recovery.ts';
import { voidCharge, writeOffCharge } from '../../src/flows/charges/change-charge.ts';
import { dunningPage } from '../../src/flows/views/pages/dunning-page.ts';
import { apiOver } from '../support/api.ts';
import { declined, succeeded, unknown } from '../support/scripted-gateway.ts';
import { links, type Reader, seen, signedIn } from '../support/signed-in.ts';
import { testWorld } from '../support/world.ts';

/* What retries bring back: every figure opens exactly its charges, and what is open stands in the denominator. */

const at = '2026-01-31T02:00:00Z';
const world = await testWorld({ at });
const { ctx, gateway } = world;
const { app } = await apiOver(ctx);
let rina: Reader;
beforeEach(async () => {
  await world.startOver(at);
  rina = await signedIn(app, ctx, 'rina', 'finance');
});

/** Charges of January, each declined so often, and what became of it. */
async function declines(name: string, ...codes: readonly string[]): Promise<string> {
  for (const code of codes) gateway.script(declined(code));
  const id = await world.onboard(name);
  await world.liveUntil((await world.ctx.clock.now()).toString());
  return id;
}

async function rich(): Promise<void> {
  await world.onboard('never');
  await world.liveUntil(at);
  gateway.script(unknown());
  await world.onboard('silent');
  await world.work();
  await declines('back-at-once', 'INSUFFICIENT_BALANCE');
  const gone = await declines('gone', 'STOLEN_CARD');
  await writeOffCharge(ctx, (await world.charge(gone)).id, { actor: 'user:dewi', reason: 'nobody is to be reached' });
  const forgotten = await declines('forgotten', 'DO_NOT_HONOR');
  await voidCharge(ctx, (await world.charge(forgotten)).id, { actor: 'user:dewi', reason: 'not worth the trouble' });
  await world.liveUntil('2026-02-02T02:00:00Z');
  world.moveTo('2026-02-03T02:00:00Z');
  const late = await declines('back-later', 'INSUFFICIENT_BALANCE');
  gateway.script(declined('INSUFFICIENT_BALANCE'), succeeded());
  await world.liveUntil('2026-02-08T02:00:00Z');
  expect((await world.charge(late)).status).toBe('paid');
  await declines('open', 'INSUFFICIENT_BALANCE');
}

const all = '/dunning?from=2026-01-01&to=2026-03-31';

describe('dunning', () => {
  test('says what came back of what was declined, with what is open in the denominator', async () => {
    await rich();
    const text = seen(await rina.page(all));
    expect(text).toMatch(
      /Of 5 declined charges due from 1 Jan 2026 to 31 Mar 2026, 2 are recovered so far, within \d\.\d days on average; 1 still open, 1 given up, 1 no longer owed\./,
    );
    expect(text).toContain('40.0 % of what was declined came in by a retry so far');
    expect(text).toContain('Not enough money66.7 % 2 of 3 recovered, 1 open');
  });

  test.each([
    ['', [], 25],
    [', and none where no list is narrowed to its charges', ['DO_NOT_HONOR', 'STOLEN_CARD'], 15],
  ])(
    'has figures each of which opens a list that says the same number%s',
    async (_, nameless, least) => {
      await rich();
      for (const code of nameless)
        await world.above(`update attempts set failure_code = null, class = null where failure_code = '${code}'`);
      const page = await rina.page(all);
      const figures = links(page).filter(({ href, text }) => href.startsWith('/charges?') && /^[\d,]+$/.test(text));
      expect(figures.length).toBeGreaterThan(least);
      for (const { href, text } of figures) {
        const list = await rina.page(href);
        expect([href, seen(list).includes(`${text} charge`)]).toEqual([href, true]);
        const rows = [...list.matchAll(/<a href="\/charges\/[0-9a-f-]{36}">/g)].length;
        expect([href, rows]).toEqual([href, Number(text)]);
      }
    },
    60_000,
  );

  test('adds up: the parts of each class and code sum to its cases, the retries to what came back, and both to all', async () => {
    await rich();
    const { all: whole, classes, codes } = await dunningPage(ctx, null, null);
    for (const one of [whole, ...classes, ...codes])
      expect(recoveries.reduce((sum, recovery) => sum + one[recovery], 0)).toBe(one.cases);
    for (const { retries, recovered } of classes)
      expect(retries.reduce((sum, count) => sum + count, 0)).toBe(recovered);
    for (const parts of [classes, codes]) expect(parts.reduce((sum, { cases }) => sum + cases, 0)).toBe(whole.cases);
    expect(classes.find((one) => one.class === 'funds')).toMatchObject({ cases: 3, retries: [1, 1, 0, 0, 0] });
    expect(codes.find(({ code }) => code === 'INSUFFICIENT_BALANCE')).toMatchObject({
      amount: 450_000,
      collected: 300_000,
      currency: 'IDR',
    });
  });

  test('counts a charge by its first decline, whatever its later ones were, and one of another time not at all', async () => {
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.onboard('turned');
    await world.liveUntil(at);
    gateway.script(declined('STOLEN_CARD'));
    await world.liveUntil('2026-02-01T02:00:00Z');
    const { codes } = await dunningPage(ctx, null, null);
    expect(codes.map(({ code, cases }) => [code, cases])).toEqual([['INSUFFICIENT_BALANCE', 1]]);
    expect(seen(await rina.page('/dunning?from=2026-02-01&to=2026-02-28'))).toContain(
      'No charge due from 1 Feb 2026 to 28 Feb 2026 was declined.',
    );
  });

  test('of an empty book says so calmly, and a wrong day is told', async () => {
    const text = seen(await rina.page('/dunning'));
    expect(text).toContain('No charge due from 1 Jan 2026 to 31 Jan 2026 was declined.');
    expect(text).toContain('Nothing was declined');
    expect((await rina.get('/dunning?from=31/01/2026')).status).toBe(400);
    expect((await rina.get('/dunning?from=2026-02-02&to=2026-02-01')).status).toBe(400);
    expect((await rina.get('/dunning?form=2026-02-02')).status).toBe(400);
    expect((await rina.get('/dunning?from=&to=')).status).toBe(200);
  });
});
