import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Ran, run, runtimeWith } from '../entry/cli-stand.ts';
import { adminKey } from '../support/api.ts';
import { type Street, street } from '../support/customer.ts';
import {
  type Client,
  client,
  daemon,
  daemonVariables,
  eventually,
  freePort,
  type Json,
  sandboxFor,
  secretKey,
  xenditVariables,
} from '../support/daemon.ts';
import { migratedDatabase } from '../support/database.ts';

type Scene = Street & {
  readonly api: Client;
  readonly sandbox: Client;
  /** Takes money at Xendit without telling dueday. */
  charge(subscriptionId: string, reference: string): Promise<void>;
  /** Time passes for both: at Xendit first. */
  until(now: string): Promise<void>;
  dueday(...words: readonly string[]): Promise<Ran>;
};

/** A daemon, and a Xendit outside of it that keeps its books by the same calendar. */
async function scene(start: string): Promise<Scene> {
  const [port, database] = [await freePort(), await migratedDatabase()];
  const xendit = await sandboxFor(port, { clock: 'manual', now: Temporal.Instant.from(start) });
  const variables = daemonVariables(database, { ...xenditVariables(xendit, port), DUEDAY_CLOCK: 'virtual' });
  const { url } = await daemon(variables);
  const [api, sandbox] = [client(url, adminKey), client(xendit.url)];
  const runtime = runtimeWith(variables, () => ({ url, apiKey: adminKey }));
  const town = street(api, sandbox);
  await town.clockTo(start);
  return {
    ...town,
    api,
    sandbox,
    async charge(subscriptionId, reference) {
      const [payment] = await town.taken(subscriptionId);
      const first = (await sandbox.get('/_sandbox/requests?path=/v3/payment_requests')).data.find(
        (one: Json) => one.body.payment_token_id === payment.payment_token_id,
      );
      const answer = await fetch(`${xendit.url}/v3/payment_requests`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'api-version': '2024-11-11',
          authorization: `Basic ${Buffer.from(`${secretKey}:`).toString('base64')}`,
        },
        body: JSON.stringify({ ...first.body, reference_id: reference }),
      });
      expect(answer.status).toBe(201);
    },
    async until(now) {
      await sandbox.post('/_sandbox/clock', { now });
      await town.clockTo(now);
    },
    dueday: (...words) => run(runtime, ...words),
  };
}

const kinds = (open: readonly Json[]): readonly string[] =>
  open.map((finding) => String(finding.kind)).sort((a, b) => a.localeCompare(b));

describe('the daily sweep', () => {
  test('finds what webhooks lost, what was taken behind our back and what Xendit never had; once', async () => {
    const { api, sandbox, subscribe, charges, charge, until, script, taken, dueday } =
      await scene('2040-01-31T02:00:00Z');
    const [late, twice, never, behind] = [
      await subscribe('late'),
      await subscribe('twice'),
      await subscribe('never'),
      await subscribe('behind'),
    ];
    await eventually(async () => expect((await api.get('/v1/charges?status=paid')).data).toHaveLength(4));
    await sandbox.post('/_sandbox/webhooks', { drop: true });
    const hours = (count: number) => ({ failure_code: 'INSUFFICIENT_BALANCE', after_seconds: count * 3_600 });
    await script(late, { kind: 'late_success', ...hours(1) });
    await script(twice, { kind: 'late_success', ...hours(48) });
    const lie = { payment_request_id: 'pr-00000000-0000-4000-8000-000000000000', reference_id: `due_${never}_1_1` };
    const said = { ...lie, type: 'PAY', status: 'SUCCEEDED', currency: 'IDR', country: 'ID', request_amount: 150_000 };
    await script(never, { kind: 'garbage', charged: false, body: JSON.stringify(said) });
    await until('2040-02-29T02:00:00Z');
    await charge(behind, `due_${behind}_9_1`);
    await charge(behind, 'an-order-of-the-shop');

    await until('2040-03-01T02:00:00Z');
    expect((await charges(late)).at(1)).toMatchObject({ status: 'paid', attempts: [{ outcome: 'succeeded' }] });
    expect((await charges(twice)).at(1)).toMatchObject({ status: 'paid', attempts: [{ outcome: 'declined' }, {}] });
    await until('2040-03-02T02:00:00Z');
    await until('2040-03-03T03:00:00Z');
    expect((await charges(twice)).at(1)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 150_000 });
    expect(await taken(late)).toHaveLength(2);
    const log = (await api.get('/v1/charge-log')).data;
    expect(log.filter((line: Json) => line.kind === 'payment.overpaid')).toHaveLength(1);

    const first = await dueday('reconcile', '--json');
    expect(first.code).toBe(1);
    const { tally, open } = JSON.parse(first.out);
    expect(tally).toMatchObject({ foreign: 1, settled: 0, unanswered: 0 });
    expect(new Set(Object.values(tally.found))).toEqual(new Set([0]));
    expect(kinds(open)).toEqual(['not_at_xendit', 'overpayment', 'unrecorded_payment']);
    expect(open.find((one: Json) => one.kind === 'overpayment')).toMatchObject({
      reference: `due_${twice}_1_1`,
      proposed_refund: { amount: 150_000, currency: 'IDR', payment_id: expect.stringMatching(/^py-/) },
    });

    const inWords = await dueday('reconcile', '--from', '2040-02-01', '--to', '2040-03-03');
    expect(inWords).toMatchObject({ code: 1, err: '3 findings open.' });
    expect(inWords.out).toContain('Payments from 2040-02-01 00:00 to 2040-03-03 09:00, Asia/Jakarta:');
    expect(inWords.out).toMatch(/^overpayment: due_\S+_1_1$/m);
    expect(inWords.out).toMatch(/^ {2}proposed refund {2}IDR 150,000 of py-/m);
    expect(inWords.out).toMatch(/not at Xendit: .*\n.*\n {2}why .*Xendit knows nothing of it/);
    expect((await charges(behind)).map((one) => one.status)).toEqual(['paid', 'paid']);
  });

  test('a key that may not read transactions is told of, and charging goes on', async () => {
    const { sandbox, subscribe, charges, until, dueday } = await scene('2040-01-31T02:00:00Z');
    const id = await subscribe('order-1');
    await eventually(async () => expect((await charges(id))[0]?.status).toBe('paid'));
    const refuse = { kind: 'http_error', status: 403, error_code: 'REQUEST_FORBIDDEN_ERROR', message: 'No.' };
    await sandbox.post('/_sandbox/scenarios', { match: { path: '/transactions' }, times: 100, do: refuse });
    const { code, err } = await dueday('reconcile');
    expect(code).toBe(1);
    expect(err).toMatch(/HTTP 403 REQUEST_FORBIDDEN_ERROR: No\..*Transaction: Read/);
    await until('2040-02-29T02:00:00Z');
    expect((await charges(id)).map((one) => one.status)).toEqual(['paid', 'paid']);
    expect((await dueday('doctor')).out).toMatch(/reconciliation +fault .*Transaction: Read/);
  });

  test('by hand, when everything matches, ends with 0 and says so', async () => {
    const { subscribe, charges, until, dueday } = await scene('2040-01-31T02:00:00Z');
    const id = await subscribe('order-1');
    await eventually(async () => expect((await charges(id))[0]?.status).toBe('paid'));
    await until('2040-01-31T05:00:00Z');
    const { code, out, err } = await dueday('reconcile', '--from', '2040-01-31T00:00:00Z');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/collected by both +1$/m);
    expect(out).toContain('The books agree.');
    const narrowed = await dueday('reconcile', '--from', '2040-01-01', '--to', '2040-01-31');
    expect(narrowed).toMatchObject({ code: 1, err: expect.stringContaining('Not all that was asked for') });
    expect(narrowed.out).toMatch(
      /not compared: .*, 0 payments of ours: payments are compared once they are an hour old/,
    );
    expect(narrowed.out).toContain('What was compared agrees.');
    const wrong = await dueday('reconcile', '--from', 'tomorrow', '--to', '2040-13-01');
    expect(wrong.code).toBe(2);
    expect(wrong.err).toMatch(/--from: Must be a date.*\n--to: Must be a date/);
  });

  test('by hand says beside it what is held and what is stopped, with the command that shows it', async () => {
    const { api, subscribe, charges, until, script, dueday } = await scene('2040-01-31T02:00:00Z');
    const id = await subscribe('order-1');
    await eventually(async () => expect((await charges(id))[0]?.status).toBe('paid'));
    await script(id, { kind: 'decline', failure_code: 'INSUFFICIENT_BALANCE' });
    await until('2040-02-29T05:00:00Z');
    const [, due] = await charges(id);
    await api.post(`/v1/charges/${due?.id}/hold`, { reason: 'the customer disputes it' });
    await dueday('disarm', '--reason', 'the ledger looks wrong');
    const { out } = await dueday('reconcile');
    expect(out).toMatch(/Beside this, 1 charge waits for a person .*dueday charges list --status held/);
    expect(out).toMatch(/Charging is stopped: .*the ledger looks wrong.*dueday doctor/);
    expect(JSON.parse((await dueday('reconcile', '--json')).out)).toMatchObject({ held: 1, charging: 'stopped' });
  });

  test('of a sandbox that was started anew misses nothing that the old one has forgotten', async () => {
    const variables = daemonVariables(await migratedDatabase(), { DUEDAY_CLOCK: 'virtual' });
    const first = await daemon(variables);
    const before = street(client(first.url, adminKey), client(first.sandboxUrl ?? ''));
    await before.clockTo('2040-01-31T02:00:00Z');
    const id = await before.subscribe('order-1');
    await eventually(async () => expect((await before.charges(id))[0]?.status).toBe('paid'));
    await first.stop();
    const second = await daemon(variables);
    const [api, sandbox] = [client(second.url, adminKey), client(second.sandboxUrl ?? '')];
    await street(api, sandbox).clockTo('2040-02-03T02:00:00Z');
    const { data } = await sandbox.get('/_sandbox/requests?path=/transactions');
    expect(data.length).toBeGreaterThan(0);
    const asked = data.filter((one: Json) => one.query.reference_id !== undefined);
    expect(asked).toEqual([]);
  });
});

describe('dueday reconcile', () => {
  test('without a key reads the sandbox of the daemon in the same data directory; without that, says what is missing', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'dueday-near-'));
    const variables = { ...daemonVariables('', { DUEDAY_DATA_DIR: directory }), DATABASE_URL: '' };
    const { url, sandboxUrl } = await daemon({ ...variables, DUEDAY_CLOCK: 'virtual' });
    const near = runtimeWith(variables, () => ({ url, apiKey: adminKey }));
    const young = await run(near, 'reconcile');
    expect(young).toMatchObject({ code: 1, err: expect.stringMatching(/^Nothing was compared\. /) });
    expect(young.out).not.toContain('agree');
    // The command goes by the clock of the daemon beside it, whatever its own environment says.
    await run(near, 'clock', 'advance', '--by', '3 hours');
    const { code, out } = await run(near, 'reconcile');
    expect(out).toContain('The books agree.');
    expect(code).toBe(0);
    const { data } = await client(sandboxUrl ?? '').get('/_sandbox/requests?path=/transactions');
    expect(data.map((one: Json) => one.status)).toContain(200);
    // A second one in there would have a sandbox that knows nothing of what was saved at the first.
    await expect(daemon(variables)).rejects.toThrow(`Another dueday runs in ${directory} already, on ${url}`);
    const far = runtimeWith(daemonVariables(await migratedDatabase()), () => ({ url, apiKey: adminKey }));
    const nowhere = await run(far, 'reconcile');
    expect(nowhere).toMatchObject({ code: 1, err: expect.stringContaining('set XENDIT_SECRET_KEY') });
  });
});
