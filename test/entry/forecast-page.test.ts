import { beforeEach, expect, test } from 'vitest';
import type { Role } from '../../src/flows/access/keys.ts';
import { forecast } from '../../src/flows/forecast/forecast.ts';
import { apiOver } from '../support/api.ts';
import { seen, signedIn } from '../support/signed-in.ts';
import { testWorld } from '../support/world.ts';

/* What is to come in: the page says what the forecast says, month by month, and adds up no two currencies. */

const at = '2026-01-31T02:00:00Z';
const world = await testWorld({ at });
const { ctx } = world;
beforeEach(() => world.startOver(at));

/** Of a process that made no forecast yet. */
const reader = async (name: string, role: Role) => await signedIn((await apiOver(ctx)).app, ctx, name, role);

test('an empty book says what will stand there', async () => {
  const rina = await reader('rina', 'finance');
  expect(seen(await rina.page('/reports/forecast'))).toContain('nothing falls due: 0 subscriptions were looked at');
});

test('each month and the total are those of the forecast, by currency', async () => {
  for (const name of ['one', 'two']) await world.onboard(name);
  await world.create('never-began');
  await world.work();
  const made = await forecast(ctx, { months: 12, by: 'month', whatIf: null, told: () => undefined });
  if (made.kind !== 'forecast') throw new Error('no forecast');
  const rina = await reader('rina', 'finance');
  const text = seen(await rina.page('/reports/forecast'));
  const { rows, not_forecast } = made.forecast;
  expect(rows.length).toBeGreaterThan(10);
  for (const { day, charges, expected } of rows) {
    expect(text).toContain(day.slice(0, 7));
    expect(text).toContain(`${charges}`);
    expect(text).toContain(expected.toLocaleString('en', { minimumFractionDigits: 0 }));
  }
  const total = rows.filter(({ currency }) => currency === 'IDR').reduce((sum, { expected }) => sum + expected, 0);
  expect(text).toContain(`IDR ${total.toLocaleString('en')}`);
  expect(not_forecast).toHaveLength(1);
  expect(text).toContain('1 subscription is in no row');
});

test('is closed to who sells', async () => {
  const budi = await reader('budi', 'product');
  expect((await budi.get('/reports/forecast')).status).toBe(403);
});
