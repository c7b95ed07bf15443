import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cliDaemon } from './cli-daemon.ts';
import { run, runtimeWith } from './cli-stand.ts';

const { catalog, directory, runtime, subscriptionId, dueday, charges } = await cliDaemon();

describe('catalog check', () => {
  test('names every fault as file:line:column and exits with 1', async () => {
    const file = join(directory, 'bad.yaml');
    await writeFile(
      file,
      'defaults: { country: ID, time_zone: Asia/Jakarta }\nplans:\n  a: { name: A, interval: 1 moon }\n',
    );
    const { code, out, err } = await dueday('catalog', 'check', file);
    expect(code).toBe(1);
    expect(out).toMatch(/^\S+bad\.yaml:3:\d+ .*interval/m);
    expect(err).toContain('fault');
  });

  test('a file that is not there is told as such', async () => {
    const { code, out } = await dueday('catalog', 'check', '/no/catalog.yaml');
    expect([code, out]).toEqual([
      1,
      '/no/catalog.yaml: there is no such file: name another file (CATALOG_FILE), or run where it is.',
    ]);
  });

  test('a file of another charset is told as such, and nothing of it is guessed', async () => {
    const file = join(directory, 'latin1.yaml');
    await writeFile(file, Buffer.from('plans: { a: { name: Caf\xe9 } }\n', 'latin1'));
    const { code, out } = await dueday('catalog', 'check', file);
    expect([code, out]).toEqual([1, `${file}: it has bytes that are not UTF-8: save it in UTF-8.`]);
  });

  test('warnings are told with their place, and are no faults', async () => {
    const file = join(directory, 'warned.yaml');
    await writeFile(
      file,
      'defaults: { country: SG, time_zone: Asia/Singapore }\nplans:\n  a: { name: A, price: { amount: 9, currency: SGD }, interval: 1 month }\n',
    );
    const { code, out } = await dueday('catalog', 'check', file);
    expect([code, out]).toEqual([
      0,
      `${file}:1:1 warning: defaults.payment_channels.SG: is left out: Xendit's page then offers all savable channels\n${file} is good: 1 plan, 1 warning.`,
    ]);
    const asJson = await dueday('catalog', 'check', file, '--json');
    expect(JSON.parse(asJson.out)).toMatchObject({
      ok: true,
      faults: [],
      warnings: [expect.stringContaining(':1:1 ')],
    });
  });

  test('a good file exits with 0, and tells how many plans it has', async () => {
    const plans = (await readFile(catalog, 'utf8')).match(/^ {4}name:/gm)?.length;
    const { code, out } = await dueday('catalog', 'check', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ok: true, plans, faults: [] });
  });
});

describe('what the daemon knows', () => {
  test('a change is previewed, made, listed and withdrawn', async () => {
    const wanted = ['--quantity', '2', '--when', 'period_end'];
    const preview = await dueday('subscriptions', 'change', subscriptionId, ...wanted, '--preview');
    expect(preview.out).toMatch(/^Nothing was changed\. It would come to:/);
    expect(preview.out).toMatch(/nothing is asked for/);
    expect(preview.out).toMatch(/^ +1 .*IDR 150,000 .*IDR 300,000$/m);
    expect((await dueday('subscriptions', 'changes', subscriptionId)).out).toContain('There are none.');
    const made = await dueday(
      'subscriptions',
      'change',
      subscriptionId,
      ...wanted,
      '--reason',
      'they asked for two seats',
      '--json',
    );
    expect(JSON.parse(made.out)).toMatchObject({ planned_change: { number: 1, terms: { quantity: 2 } } });
    expect((await dueday('subscriptions', 'changes', subscriptionId)).out).toMatch(
      /^ *1 +quantity +period_end +planned +\S+ .*two seats/m,
    );
    expect((await dueday('subscriptions', 'show', subscriptionId)).out).toMatch(/^changes +\S+ \S+ to 2 x /m);
    await dueday('subscriptions', 'withdraw-change', subscriptionId);
    expect((await dueday('subscriptions', 'changes', subscriptionId)).out).toMatch(/withdrawn/);
    const wrong = await dueday('subscriptions', 'change', subscriptionId, '--quantity', 'two');
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('"two" is no whole number') });
  });

  test('methods are listed and ranked, and the last one stays', async () => {
    const { out } = await dueday('subscriptions', 'methods', 'list', subscriptionId, '--json');
    const [method] = (JSON.parse(out) as { data: { id: string }[] }).data;
    const id = method?.id ?? '';
    expect((await dueday('subscriptions', 'methods', 'list', subscriptionId)).out).toMatch(
      new RegExp(`^ *1 +${id} +.*CARDS +active`, 'm'),
    );
    expect(await dueday('subscriptions', 'methods', 'rank', subscriptionId, id, '--rank', '1')).toMatchObject({
      code: 0,
    });
    const removed = await dueday('subscriptions', 'methods', 'remove', subscriptionId, id);
    expect(removed).toMatchObject({ code: 1, err: expect.stringContaining('no other method') });
  });

  test('a charge is explained as a story: sent, said, class, rule, counted, decided, catalog version', async () => {
    const [, second] = await charges();
    const { out } = await dueday('charges', 'explain', second?.id ?? '');
    expect(out).toContain(`sent to Xendit as due_${subscriptionId}_1_1`);
    expect(out).toMatch(/Xendit said +declined INSUFFICIENT_BALANCE/);
    expect(out).toMatch(/class +funds/);
    expect(out).toMatch(/rule +ladder/);
    expect(out).toMatch(/counted +attempt 1, /);
    expect(out).toMatch(/Try again on \d+ \w+ \d{4}, 09:00\./);
    expect(out).toMatch(/rules from +catalog version 1/);
  });

  test('what cannot be done is told in the words of the daemon', async () => {
    const [first] = await charges();
    const { code, err } = await dueday('charges', 'retry', first?.id ?? '');
    expect(code).toBe(1);
    expect(err).toBe('The charge is paid; only one that is due or uncollectible can be retried.');
  });

  test('the test clock goes forward by a time or to an instant, and waits until all is done', async () => {
    const before = JSON.parse((await dueday('clock', '--json')).out) as { now: string };
    const target = Temporal.Instant.from(before.now).add({ hours: 24 }).toString();
    const moved = await dueday('clock', 'advance', '--to', target, '--json');
    expect(JSON.parse(moved.out)).toMatchObject({ status: 'ready' });
    expect(await charges()).toMatchObject([{ status: 'paid' }, { status: 'paid' }]);
    const back = await dueday('clock', 'advance', '--to', before.now);
    expect(back).toMatchObject({ code: 1, err: expect.stringContaining('only goes forward') });
    const from = Temporal.Instant.from((JSON.parse((await dueday('clock', '--json')).out) as { now: string }).now);
    const jumped = await dueday('clock', 'advance', '--by', '2 hours 15 minutes', '--jump', '--json');
    const to = from.add({ hours: 2, minutes: 15 }).toString();
    expect(jumped).toMatchObject({ code: 0, out: expect.stringContaining(`"${to}"`) });
  });

  test('a subscription is paused, resumed and canceled', async () => {
    const status = async (...words: string[]) =>
      (JSON.parse((await dueday('subscriptions', ...words, '--json')).out) as { status: string }).status;
    expect(await status('pause', subscriptionId)).toBe('paused');
    expect(await status('resume', subscriptionId)).toBe('active');
    const resting = await dueday(
      'subscriptions',
      'pause',
      subscriptionId,
      '--at',
      'period_end',
      '--until',
      '2199-12-31',
    );
    expect(resting.out).toMatch(/^pauses {7}\d{4}-\d\d-\d\d 09:00$/m);
    expect(resting.out).toMatch(/^goes on {6}2199-12-31$/m);
    expect((await dueday('subscriptions', 'resume', subscriptionId)).out).not.toContain('pauses');
    const { customer } = JSON.parse((await dueday('subscriptions', 'show', subscriptionId, '--json')).out);
    const access = await dueday('subscriptions', 'access', customer.reference_id);
    expect(access.out).toMatch(/^let in {7}yes$/m);
    const why = ['--until', '2199-12-30', '--reason', 'their bank was closed'];
    expect((await dueday('subscriptions', 'grace', subscriptionId, ...why)).out).toMatch(/^access {7}yes/m);
    expect(await dueday('subscriptions', 'grace', subscriptionId, '--until', '2199-12-30')).toMatchObject({ code: 2 });
    const preview = await dueday('subscriptions', 'cancel', subscriptionId, '--at', 'now', '--preview');
    expect(preview.out).toContain('Nothing was changed.');
    expect(preview.out).toMatch(/^unused {7}IDR [\d,]+ for \d+ of \d+ days$/m);
    const leaving = await dueday('subscriptions', 'cancel', subscriptionId, '--reason', 'moves away');
    expect(leaving.out).toMatch(/^status {7}active$/m);
    expect(leaving.out).toMatch(/^cancels {6}\d{4}-\d\d-\d\d 09:00 \(moves away\)$/m);
    expect((await dueday('subscriptions', 'keep', subscriptionId)).out).not.toContain('cancels');
    expect(await dueday('subscriptions', 'keep', subscriptionId)).toMatchObject({ code: 1, err: expect.any(String) });
    expect(await status('cancel', subscriptionId, '--at', 'now', '--reason', 'a test has ended')).toBe('canceled');
    const again = await dueday('subscriptions', 'pause', subscriptionId);
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('canceled') });
  });
});

describe('the installation', () => {
  test('doctor finds nothing, migrate has nothing to do, and charging was not stopped', async () => {
    const doctor = await dueday('doctor', '--json');
    expect({ code: doctor.code, ok: (JSON.parse(doctor.out) as { ok: boolean }).ok }).toEqual({ code: 0, ok: true });
    expect((await dueday('migrate')).code).toBe(0);
    expect(JSON.parse((await dueday('arm', '--json')).out)).toMatchObject({ stopped_for: null, differences: [] });
  });

  test('doctor exits with 1 and names what is wrong', async () => {
    const sick = runtimeWith(
      { DATABASE_URL: 'postgres://127.0.0.1:9/none', CATALOG_FILE: '/nowhere.yaml' },
      runtime.endpoint,
    );
    const { code, out, err } = await run(sick, 'doctor');
    expect(code).toBe(1);
    expect(out).toContain('/nowhere.yaml');
    expect(out).toContain('Look whether it runs, and where DATABASE_URL leads.');
    expect(err).toBe('2 faults: catalog, database.');
  });

  test('an environment that makes no sense is told, without a stack', async () => {
    const { code, err } = await run(runtimeWith({ PORT: 'x' }, runtime.endpoint), 'start');
    expect(code).toBe(1);
    expect(err).toContain('PORT: must be a port');
    expect(err).not.toContain('    at ');
  });
});
