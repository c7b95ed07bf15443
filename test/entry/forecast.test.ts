import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Runtime } from '../../src/context.ts';
import type { Forecast } from '../../src/flows/forecast/forecast.ts';
import { pauseSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { apiOver } from '../support/api.ts';
import { applied } from '../support/applied-catalog.ts';
import { testDatabase } from '../support/database.ts';
import { plainCatalog, testWorld } from '../support/world.ts';
import { run, runtimeWith } from './cli-stand.ts';

const made = await testDatabase();
const base = plainCatalog.replaceAll('missed_cycles: latest', 'missed_cycles: latest\n    price_change: next_cycle');
const world = await testWorld({ at: '2026-01-31T02:00:00Z', catalog: base, ...made });
const folder = mkdtempSync(join(tmpdir(), 'dueday-forecast-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'catalog.yaml');
const runtime: Runtime = runtimeWith(
  {
    DATABASE_URL: made.url,
    CATALOG_FILE: file,
    DUEDAY_CLOCK: 'virtual',
    LOG_LEVEL: 'error',
    XENDIT_API_URL: 'http://127.0.0.1:9',
  },
  () => ({ url: 'http://127.0.0.1:9', apiKey: null }),
);
const dueday = (...words: readonly string[]) => run(runtime, 'forecast', ...words);
const api = await apiOver(world.ctx);
let paused: string;

beforeEach(async () => {
  await world.startOver('2026-01-31T02:00:00Z');
  await applied(world, base);
  await world.onboard('order-1', 'monthly', { quantity: 10 });
  paused = await world.onboard('order-2', 'weekly');
  await world.work();
  await pauseSubscription(world.ctx, paused, { actor: 'siti' });
  await world.ask(sql`insert into test_clock (id, now) values (1, ${world.now().toString()}::timestamptz)`);
  writeFileSync(file, base);
});

const WHY = 'it is paused until somebody resumes it';

describe('dueday forecast', () => {
  test('has a row a month and currency, what it rests on, and who is in none', async () => {
    const { code, out, err } = await dueday('--months', '2');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out.split('\n');
    expect(lines[0]).toMatch(
      /^What falls due from 2026-01-31 to 2026-03-31 in Asia\/Jakarta, by catalog version \d+:$/,
    );
    expect(lines.slice(1, 4)).toEqual([
      'month    charges       expected       weighted',
      '2026-02        1  IDR 1,500,000  IDR 1,500,000',
      '2026-03        1  IDR 1,500,000  IDR 1,500,000',
    ]);
    expect(lines.slice(4)).toEqual([
      '2 charges of 2 subscriptions. Assumed: nobody begins, changes, pauses or leaves, and each charge is paid in time; charges that are open already are in no row.',
      'Weighted by the charge log from 2025-11-01 to 2026-01-31:',
      '  CARDS: 2 of 2 first attempts succeeded, which are too few: each charge counts as paid',
      'Not forecast: 1 subscription, in no row',
      `  ${WHY}: ${paused}`,
    ]);
  });

  test('prints one document with --json, of twelve months unless said', async () => {
    const { code, out } = await dueday('--json');
    expect(code).toBe(0);
    const shown = JSON.parse(out) as Forecast;
    expect(Object.keys(shown)).toEqual(['run', 'assumptions', 'rows', 'not_forecast']);
    expect(shown.rows).toHaveLength(12);
    expect(shown.rows[0]).toEqual({
      day: '2026-02-01',
      currency: 'IDR',
      expected: 1_500_000,
      weighted: 1_500_000,
      charges: 1,
    });
    expect(shown.not_forecast).toEqual([{ subscription: paused, why: WHY }]);
  });

  test('goes by another file with --what-if, and says so', async () => {
    const other = join(folder, 'other.yaml');
    writeFileSync(other, base.replace('amount: 150000', 'amount: 175000'));
    const { out } = await dueday('--months', '1', '--what-if', other);
    expect(out).toContain(`by ${other} in the place of catalog version`);
    expect(out).toMatch(/2026-02 +1 +IDR 1,750,000 +IDR 1,750,000/);
  });

  test('tells every fault of a file that cannot be read', async () => {
    const broken = join(folder, 'broken.yaml');
    writeFileSync(broken, base.replace('1 month', '1 moon').replace('interval: 1 week', 'interval: 0 weeks'));
    const { code, out, err } = await dueday('--what-if', broken);
    expect(code).toBe(1);
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/broken.yaml:\d+:\d+ plans.monthly.interval: /),
      expect.stringMatching(/broken.yaml:\d+:\d+ plans.weekly.interval: /),
    ]);
    expect(err).toBe(`${broken} has 2 faults.`);
    const json = await dueday('--what-if', broken, '--json');
    expect(JSON.parse(json.out)).toMatchObject({
      run: null,
      rows: [],
      faults: [expect.any(String), expect.any(String)],
    });
    const nowhere = await dueday('--what-if', join(folder, 'nowhere.yaml'));
    expect(nowhere).toMatchObject({ code: 1, out: expect.stringContaining('nowhere.yaml') });
  });

  test.each(['0', '-1', '1.5', '121', '1e1', 'ten', ''])('does not take %j months', async (months) => {
    const { code, out, err } = await dueday(`--months=${months}`);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('is no whole number from 1 to 120.');
  });
});

describe('GET /v1/reports/forecast', () => {
  test('is what the command prints, by day or by month', async () => {
    const printed = JSON.parse((await dueday('--months', '3', '--json')).out) as Forecast;
    const { status, body } = await api.get('/v1/reports/forecast?months=3&by=month');
    expect(status).toBe(200);
    expect(body).toEqual({ ...printed, run: { ...printed.run, seconds: expect.any(Number) } });
    const days = (await api.get('/v1/reports/forecast?months=1&by=day')).body as Forecast;
    expect(days.rows).toEqual([
      { day: '2026-02-28', currency: 'IDR', expected: 1_500_000, weighted: 1_500_000, charges: 1 },
    ]);
    expect((await api.get('/v1/reports/forecast')).body.rows).toHaveLength(12);
  });

  test('is made once at a time', async () => {
    const answers = await Promise.all([1, 2].map(() => api.get('/v1/reports/forecast')));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 429]);
    expect((await api.get('/v1/reports/forecast')).status).toBe(200);
  });
});
