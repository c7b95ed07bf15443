import { connect } from 'node:net';
import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { listenFault } from '../../src/infra/environment/listen-fault.ts';
import { adminKey } from '../support/api.ts';
import { type Street, street } from '../support/customer.ts';
import { type Client, client, daemon, daemonVariables, eventually, freePort, type Json } from '../support/daemon.ts';
import { emptyDatabase, migratedDatabase, testDatabase } from '../support/database.ts';
import { foreignSession } from '../support/foreign-session.ts';
import { asRole } from '../support/role.ts';

type House = Street & { readonly api: Client; readonly sandbox: Client };

/** The whole daemon, with its own stand-in for Xendit. */
async function house(more: Record<string, string> = {}): Promise<House> {
  const { url, sandboxUrl } = await daemon(daemonVariables(await migratedDatabase(), more));
  const api = client(url, adminKey);
  const sandbox = client(sandboxUrl ?? '');
  return { ...street(api, sandbox), api, sandbox };
}

/** Past every date on which these tests can run, so that the test clock only goes forward. */
const START = '2040-01-31T02:00:00Z';

async function houseAt(start: string): Promise<House> {
  const made = await house({ DUEDAY_CLOCK: 'virtual' });
  await made.clockTo(start);
  return made;
}

describe('a daemon with its sandbox', () => {
  test('bills a year: every month once, on its day, and the books agree with Xendit', async () => {
    const { api, sandbox, subscribe, charges, clockTo, script } = await houseAt(START);
    const id = await subscribe('a-year');
    await clockTo('2040-03-01T00:00:00Z');
    await script(id, { kind: 'decline', failure_code: 'INSUFFICIENT_BALANCE' });
    await clockTo('2041-01-31T03:00:00Z');
    const billed = await charges(id);
    expect(billed.map((charge) => [charge.cycle, charge.period.start, charge.status])).toEqual(
      ['01-31', '02-29', '03-31', '04-30', '05-31', '06-30', '07-31', '08-31', '09-30', '10-31', '11-30', '12-31']
        .map((day, cycle) => [cycle, `2040-${day}`, 'paid'])
        .concat([[12, '2041-01-31', 'paid']]),
    );
    expect(billed.map((charge) => charge.attempts.length)).toEqual([1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    const { data } = await api.get('/v1/charge-log');
    const money = data.reduce((sum: number, line: { money: number }) => sum + line.money, 0);
    expect(money).toBe(13 * 150_000);
    expect(await sandbox.get('/_sandbox/ledger')).toEqual({ collected: { IDR: money }, count: 13 });
  });

  test('never tries a card again that its network forbids, though the failure code would', async () => {
    const { subscribe, charges, clockTo, requests, script } = await houseAt(START);
    const id = await subscribe('revoked');
    await eventually(async () => expect((await charges(id))[0]?.status).toBe('paid'));
    await script(id, { kind: 'decline', failure_code: 'DECLINED_BY_ISSUER', network_response_code: 'R1' });
    await clockTo('2040-03-20T00:00:00Z');
    const attempts = [{ class: 'never_again', network_code: 'R1' }];
    expect((await charges(id))[1]).toMatchObject({ status: 'due', next_attempt_at: null, attempts });
    expect((await requests(id)).filter((reference) => reference.startsWith(`due_${id}_1_`))).toHaveLength(1);
  });

  test('believes the webhook that comes before the answer, and counts the money once', async () => {
    const { api, sandbox, subscribe, charges, taken } = await house();
    await sandbox.post('/_sandbox/scenarios', { do: { kind: 'delay', ms: 1_500 } });
    const id = await subscribe('early-webhook');
    await eventually(async () => expect((await charges(id))[0]?.status).toBe('paid'));
    const open = (await sandbox.get('/_sandbox/requests?path=/v3/payment_requests')).data.at(-1);
    expect(open.status).toBeUndefined();
    await eventually(async () => {
      const { data } = await sandbox.get('/_sandbox/requests?path=/v3/payment_requests');
      expect(data.at(-1).status).toBe(201);
    });
    expect(await taken(id)).toHaveLength(1);
    expect(await charges(id)).toMatchObject([{ status: 'paid', collected: 150_000, overpaid: 0, attempts: [{}] }]);
    const paid = (await api.get('/v1/charge-log')).data.filter((line: Json) => line.kind === 'charge.paid');
    expect(paid).toHaveLength(1);
  });

  test.each([
    ['CARDS', true],
    ['CARDS', false],
    ['DANA', true],
  ])(
    '%s: an answer that never came (charged: %s) is asked about, and the money is taken once',
    async (channel, charged) => {
      const { sandbox, subscribe, charges, clockTo, requests, taken, script } = await houseAt(START);
      await sandbox.post('/_sandbox/webhooks', { drop: false });
      const id = await subscribe('silent', { channel });
      await eventually(async () => expect((await charges(id))[0]?.status).toBe('paid'));
      await sandbox.post('/_sandbox/webhooks', { drop: true });
      await script(id, { kind: 'reset', charged });
      await clockTo('2040-03-01T00:00:00Z');
      const [, february] = await charges(id);
      expect(february).toMatchObject({ cycle: 1, status: 'paid', collected: 150_000, attempts: [{ number: 1 }] });
      expect(await taken(id)).toHaveLength(2);
      const again = (await requests(id)).filter((reference) => reference === `due_${id}_1_1`).length;
      expect(again).toBe(charged ? 1 : 2);
    },
  );

  test('a wallet whose request may have charged is never asked a second time: a person decides', async () => {
    const { sandbox, subscribe, charges, clockTo, requests, script } = await houseAt(START);
    const id = await subscribe('wallet', { channel: 'DANA' });
    await eventually(async () => expect((await charges(id))[0]?.status).toBe('paid'));
    await sandbox.post('/_sandbox/webhooks', { drop: true });
    await script(id, { kind: 'reset', charged: false });
    await clockTo('2040-03-02T03:00:00Z');
    const [, february] = await charges(id);
    expect(february).toMatchObject({ cycle: 1, status: 'held', collected: 0, hold_reason: expect.any(String) });
    expect((await requests(id)).filter((reference) => reference === `due_${id}_1_1`)).toHaveLength(1);
  });
});

describe('starting', () => {
  test('where somebody else holds what it needs fails, and says who', async () => {
    const { url, adminUrl } = await testDatabase();
    const session = await foreignSession(adminUrl);
    await session.hold(sql`select 1 from charging for update`);
    const start = daemon(daemonVariables(asRole(url, 'dueday_app')));
    await expect(start).rejects.toThrow(/process \d+ of user "\w+" \(somebody.*\) in charging.*pg_terminate_backend/);
    await session.letGo();
  });

  test('makes a key for the sandbox when none is given, and it is good', async () => {
    const started = await daemon(daemonVariables(await emptyDatabase(), { DUEDAY_API_KEY: '' }));
    expect(started.madeKey).toMatch(/^due_[\w-]{32}$/);
    expect(await client(started.url, started.madeKey ?? '').get('/v1/charges')).toEqual({
      data: [],
      next_cursor: null,
      totals: [],
    });
    await expect(client(started.url, adminKey).get('/v1/charges')).rejects.toThrow('401');
  });

  test('on a port that is taken fails, and leaves nothing behind', async () => {
    const first = await daemon(daemonVariables(await migratedDatabase()));
    const second = daemonVariables(await migratedDatabase(), { PORT: new URL(first.url).port });
    await expect(daemon(second)).rejects.toThrow(
      `PORT: somebody listens on port ${second.PORT} of 127.0.0.1 already. Stop that program, or set PORT to a free port (0: any).`,
    );
    expect(await client(first.url).get('/health/live')).toEqual({ status: 'live' });
  });

  test.each([
    ['PORT: this user may not listen on port 80', 'EACCES', 80],
    ['HOST: nowhere.example is no address of this machine (ENOTFOUND)', 'ENOTFOUND', 8080],
    ['HOST: nowhere.example is no address of this machine (EADDRNOTAVAIL)', 'EADDRNOTAVAIL', 8080],
  ])('where nobody can listen says: %s', (words, code, port) => {
    const place = { variable: 'PORT', host: 'nowhere.example', port } as const;
    const told = listenFault(Object.assign(new Error('listen'), { code }), place);
    expect(String(told)).toContain(words);
  });

  test('with a catalog that is no good fails before anything listens', async () => {
    const port = await freePort();
    const variables = daemonVariables(await migratedDatabase(), {
      PORT: String(port),
      CATALOG_FILE: import.meta.filename,
    });
    await expect(daemon(variables)).rejects.toThrow();
    await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow();
  });
});

test('stopped, it is gone: nothing listens any more', async () => {
  const started = await daemon(daemonVariables(await migratedDatabase()));
  await started.stop();
  const { promise, resolve } = Promise.withResolvers<string>();
  connect(Number(new URL(started.url).port), '127.0.0.1').on('error', (error) => resolve(error.message));
  expect(await promise).toContain('ECONNREFUSED');
});
