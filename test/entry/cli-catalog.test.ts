import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Runtime } from '../../src/context.ts';
import { applied } from '../support/applied-catalog.ts';
import { testDatabase } from '../support/database.ts';
import { passingDirectory } from '../support/passing-directory.ts';
import { plainCatalog, testWorld } from '../support/world.ts';
import { run, runtimeWith } from './cli-stand.ts';

const made = await testDatabase();
const base = plainCatalog.replaceAll('missed_cycles: latest', 'missed_cycles: latest\n    price_change: next_cycle');
const edited = base.replace('amount: 150000', 'amount: 175000');
const asking = 'notice: { before: 14 days, consent: opt_in, silence: cancel }';
const world = await testWorld({ at: '2026-01-31T02:00:00Z', catalog: base, ...made });
const folder = mkdtempSync(join(tmpdir(), 'dueday-cli-catalog-'));
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
const dueday = (...words: readonly string[]) => run(runtime, ...words);

beforeEach(async () => {
  await world.startOver('2026-01-31T02:00:00Z');
  await applied(world, base);
  await world.onboard('order-1', 'monthly');
  await world.work();
  await world.ask(sql`insert into test_clock (id, now) values (1, ${world.now().toString()}::timestamptz)`);
  writeFileSync(file, edited);
});

async function digest(): Promise<string> {
  const { out } = await dueday('catalog', 'diff', '--json');
  return (JSON.parse(out) as { digest: string }).digest;
}

describe('catalog diff', () => {
  test('says in words whom an edit touches, their next charges, the money of a month, and how to put it in force', async () => {
    writeFileSync(file, edited.replace('price_change: next_cycle', `price_change: next_cycle\n    ${asking}`));
    const { code, out, err } = await dueday('catalog', 'diff');
    expect({ code, err }).toEqual({ code: 0, err: '6 warnings: see "dueday catalog check"' });
    expect(out).toMatch(/^Version \d+ is in force; .*catalog.yaml would be a new version\./);
    expect(out).toMatch(/monthly +changed +1 +0 +0 +150,000 +175,000 +IDR/);
    expect(out).toContain(
      [
        '  price: IDR 150,000 -> IDR 175,000',
        '  notice: none -> 14 days before, consent: opt_in, silence: cancel',
        '  1 subscription would pay more, and only once these customers were told',
        '  1 subscription of these would pay it only once they agree',
      ].join('\n'),
    );
    expect(out).toContain(
      '  order-1: next 2026-02-28 150,000, 2026-03-31 150,000, 2026-04-30 150,000; then 2026-02-28 175,000,',
    );
    expect(out).toContain('A month of 1 live subscription: IDR 150,000 before, 175,000 after');
    expect(out).toContain(`Put exactly this in force: dueday catalog apply --digest ${await digest()}`);
  });

  test('prints one document with --json, and exits with 2 where --exit-code is asked and something is to do', async () => {
    const { code, out, err } = await dueday('catalog', 'diff', '--json', '--exit-code');
    expect({ code, err }).toEqual({ code: 2, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      nothing_to_do: false,
      plans: [{ plan: 'monthly', subscriptions: 1 }],
      faults: [],
    });
    writeFileSync(file, base);
    const same = await dueday('catalog', 'diff', '--exit-code');
    expect(same).toMatchObject({ code: 0 });
    expect(same.out).toMatch(/^Nothing to do: .*catalog.yaml is version \d+, which is in force\.$/);
  });

  test('tells every fault of a file that cannot be read, and what cannot be applied by its plan', async () => {
    const broken = join(passingDirectory(), 'broken.yaml');
    writeFileSync(broken, edited.replace('1 month', '1 moon').replace('interval: 1 week', 'interval: 0 weeks'));
    const { code, out, err } = await dueday('catalog', 'diff', '--file', broken, '--exit-code');
    expect(code).toBe(1);
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/broken.yaml:\d+:\d+ plans.monthly.interval: /),
      expect.stringMatching(/broken.yaml:\d+:\d+ plans.weekly.interval: /),
    ]);
    expect(err).toBe(`${broken} has 2 faults.`);
    writeFileSync(file, base.replace('  monthly:', '  other:'));
    const removed = await dueday('catalog', 'diff', '--json');
    expect(removed.code).toBe(1);
    const fault = 'plans.monthly: the plan monthly is removed (1 live)';
    expect(JSON.parse(removed.out)).toMatchObject({ faults: [fault] });
    expect(removed.err).toContain(fault);
  });
});

describe('catalog apply', () => {
  test('puts in force what was shown, by whom and why; the same again has nothing to do', async () => {
    const shown = await digest();
    const first = await dueday('catalog', 'apply', '--digest', shown, '--reason', 'the rent of the office went up');
    expect(first.out).toMatch(/^Version \d+ is in force, in the place of version \d+\./);
    const again = await dueday('catalog', 'apply', '--digest', shown);
    expect(again).toMatchObject({ code: 0, out: expect.stringMatching(/^Nothing to do: version \d+ is in force/) });
    const [last] = await world.ask(sql`select actor, reason, digest from catalog_applies order by number desc limit 1`);
    expect(last).toEqual({
      actor: expect.stringMatching(/^cli:/),
      reason: 'the rent of the office went up',
      digest: shown,
    });
    const { out } = await dueday('catalog', 'versions');
    expect(out).toMatch(/now +\S+ +cli:\S+ +the rent of the office went up/);
    expect((await dueday('catalog', 'show')).out).toBe(edited.trimEnd());
  });

  test('refuses what moved, a digest of nothing, and a call without one', async () => {
    const shown = await digest();
    writeFileSync(file, `${edited}# once more\n`);
    const { code, err } = await dueday('catalog', 'apply', '--digest', shown);
    expect([code, err]).toEqual([1, expect.stringContaining('the text of the catalog is another one')]);
    expect(await dueday('catalog', 'apply', '--digest', 'x')).toMatchObject({ code: 1 });
    expect(await dueday('catalog', 'apply')).toMatchObject({ code: 2 });
    expect(await dueday('catalog', 'apply', '--digest', shown, '--reason', 'short')).toMatchObject({ code: 2 });
    expect(await dueday('catalog', 'show', '999')).toMatchObject({ code: 1 });
    expect(await dueday('catalog', 'show', '1e3')).toMatchObject({ code: 2 });
    expect(await dueday('catalog', 'show', '--json')).toMatchObject({ code: 0 });
  });

  test('check takes the file by its option too', async () => {
    const fixture = new URL('../fixtures/catalog.yaml', import.meta.url).pathname;
    expect(readFileSync(fixture, 'utf8')).toBe(plainCatalog);
    expect((await dueday('catalog', 'check', '--file', fixture)).out).toContain(`${fixture} is good`);
  });
});

describe('catalog reprice', () => {
  const kept = base.replaceAll('price_change: next_cycle', 'price_change: new_only');
  let dearer: string;
  beforeEach(async () => {
    await applied(world, kept);
    dearer = String(await applied(world, kept.replace('amount: 150000', 'amount: 175000')));
  });
  const reprice = async (...words: readonly string[]) =>
    await dueday('catalog', 'reprice', '--plan', 'monthly', '--to', dearer, ...words);
  const reprices = async (...words: readonly string[]) => await dueday('catalog', 'reprice', ...words);

  test('shows what it would come to, writes the same down, and says how far it has come, one by one', async () => {
    const dry = await reprice('--dry-run');
    expect(dry).toMatchObject({ code: 0, err: '' });
    expect(dry.out.split('\n')).toEqual([
      `1 subscription of monthly would be moved to the price of version ${dearer}, each from its next cycle on.`,
      'A month of those: IDR 150,000 before, IDR 175,000 after, without tax, discounts and credit.',
      'Nothing was changed: leave out --dry-run to do it.',
    ]);
    const real = await reprice('--reason', 'the rent of the office went up');
    expect(real.out).toContain('are moved to the price of version');
    expect(real.out).toContain(
      'Repricing 1 is written down, and a daemon works on it within a minute: dueday catalog reprice status 1',
    );
    expect((await reprices('status')).out).toContain('1 waiting, 0 done, 0 skipped, 0 refused, 0 failed.');
    await world.work();
    const { out } = await reprices('status', '1', '--state', 'done', '--limit', '5');
    expect(out).toMatch(/^Repricing 1 is done: monthly to the price of version \d+, by cli:/);
    expect(out).toMatch(/order-1 +\S+ +done +repricing 1: from cycle 1 on/);
    const facts = JSON.parse((await reprices('status', '--json')).out) as object;
    expect(facts).toMatchObject({
      repricing: 1,
      state: 'done',
      reason: 'the rent of the office went up',
      by_state: { done: 1 },
    });
    expect((await reprice()).out).toMatch(/^Nothing to do: nobody of monthly is to be moved/);
    expect(JSON.parse((await reprice('--json')).out)).toMatchObject({ repricing: null, nothing_to_do: true });
  });

  test('is stopped and goes on by command, and says what it is already', async () => {
    await reprice();
    expect((await reprices('stop')).out).toContain('Go on with: dueday catalog reprice resume 1');
    expect((await reprices('stop', '1')).out).toBe('Repricing 1 is stopped already.');
    await world.work();
    expect((await reprices('status')).out).toContain('1 waiting, 0 done');
    expect((await reprices('resume', '1')).out).toBe('Repricing 1 goes on, within a minute.');
    await world.work();
    expect(await reprices('resume', '1')).toMatchObject({
      code: 1,
      err: expect.stringContaining('Repricing 1 is done'),
    });
    expect(await reprices('stop', '7')).toMatchObject({
      code: 1,
      err: expect.stringContaining('There is no repricing 7.'),
    });
  });

  test.each<[readonly string[], number, string]>([
    [['--plan', 'monthly'], 2, '--to: say to the price of which catalog version.'],
    [['--to', '1'], 2, '--plan: say whose subscriptions are to be moved.'],
    [['--plan', 'monthly', '--to', 'x'], 2, '--to: "x" is no whole number in plain digits.'],
    [['--plan', 'monthly', '--to', '1', '--limit', '0'], 2, '--limit: "0" is no whole number from 1.'],
    [
      ['--plan', 'monthly', '--to', '1', '--filter', 'cohort=a', '--filter', 'country=id'],
      2,
      'there is no filter "cohort"',
    ],
    [['--plan', 'monthly', '--to', '1', '--filter', 'cohort=a', '--filter', 'country=id'], 2, 'two capital letters'],
    [['--plan', 'monthly', '--to', '999999'], 2, 'there is no catalog version 999999'],
    [['--plan', 'monthly', '--to', '1', '--reason', 'short'], 2, '--reason'],
    [['status', '--state', 'moved'], 2, '--state: "moved" is none of waiting'],
    [['status', 'x'], 2, 'id: "x" is no whole number'],
    [['status'], 1, 'There is no repricing.'],
    [['status', '7'], 1, 'There is no repricing 7.'],
    [['resume'], 1, 'There is no repricing.'],
  ])('%j ends with %i, and says why', async (words, code, why) => {
    const ran = await reprices(...words);
    expect([ran.code, ran.err]).toEqual([code, expect.stringContaining(why)]);
    expect(await world.ask(sql`select from repricings`)).toEqual([]);
  });
});
