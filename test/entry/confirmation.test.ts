import { userInfo } from 'node:os';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Runtime } from '../../src/context.ts';
import { bucketOf } from '../../src/domain/charges/attempt.ts';
import { actorHere } from '../../src/entry/cli/actor.ts';
import { type Ask, askOn } from '../../src/entry/cli/screen/asking.ts';
import { createKey } from '../../src/flows/access/keys.ts';
import { openCharges } from '../../src/flows/due-date/open-charges.ts';
import { chainOf } from '../../src/infra/tables/books/ledger.ts';
import { chargingState, resumeCharging, stopCharging } from '../../src/infra/tables/charging/charging.ts';
import { adminKey, apiOver } from '../support/api.ts';
import { testDatabase } from '../support/database.ts';
import { declined, refused } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { run, runAsked, runtimeWith } from './cli-stand.ts';

/* What moves or forgives money by hand is confirmed, and leaves who did it and why. */

const made = await testDatabase();
const world = await testWorld({ at: '2026-01-31T02:00:00Z', db: made.db, admin: made.admin });
const { ctx, gateway } = world;
const api = await apiOver(ctx);
const catalog = fileURLToPath(new URL('../fixtures/catalog.yaml', import.meta.url));
const settings = { DATABASE_URL: made.url, CATALOG_FILE: catalog };
const live = { ...settings, XENDIT_SECRET_KEY: 'xnd_production_canary', XENDIT_WEBHOOK_TOKEN: 't' };
let url: string;
let runtime: Runtime;

beforeAll(async () => {
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  runtime = runtimeWith(settings, () => ({ url, apiKey: adminKey }));
});
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

type Terminal = { readonly ask: Ask; readonly questions: () => string };

/** Somebody at a terminal who reads the question and then types this, and says why if asked; null: who then hangs up. */
function person(types: string | null, why: string | null = ''): Terminal {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  let said = '';
  output.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.endsWith('to go on: ')) reply(types);
    if (said.endsWith('may be empty): ') || said.endsWith('500 characters): ')) reply(why);
  });
  const reply = (text: string | null) => (text === null ? input.end() : input.write(`${text}\n`));
  const ask = askOn(input, output);
  if (ask === null) throw new Error('Nobody is asked at a terminal.');
  return { ask, questions: () => said };
}

/** A question here is a fault. */
const nobody: Ask = (question) => Promise.reject(new Error(`Somebody was asked: ${question}`));

async function dueCharge(): Promise<{ readonly id: string; readonly charge: string }> {
  const id = await world.onboard('order-1', 'forgiving');
  gateway.script(declined('INSUFFICIENT_BALANCE'));
  await world.work();
  return { id, charge: (await world.charge(id)).id };
}

async function heldCharge(): Promise<{ readonly id: string; readonly charge: string }> {
  const id = await world.onboard('order-1');
  gateway.script(refused('charge', 'API_VALIDATION_ERROR'));
  await world.work();
  return { id, charge: (await world.charge(id)).id };
}

/** Who did what by hand to charges of this subscription, and why, as the ledger has it. */
async function byHand(id: string): Promise<readonly (readonly unknown[])[]> {
  const entries = await chainOf(ctx.db, bucketOf(id), id);
  const acts = entries.filter(
    ({ actor, kind }) => String(actor).startsWith('api:') && String(kind).startsWith('charge.'),
  );
  return acts.map(({ kind, actor, why }) => [kind, actor, why]);
}

describe('at a terminal', () => {
  test('a charge is shown before it is voided, and only a typed "yes" voids it', async () => {
    const { id, charge } = await dueCharge();
    for (const typed of ['y', '', 'no', 'YES', 'yes please', null]) {
      const refusal = await runAsked(runtime, person(typed, 'a gesture of ours').ask, 'charges', 'void', charge);
      expect([typed, refusal.code, refusal.err]).toEqual([typed, 1, 'Nothing was done: it was not confirmed.']);
    }
    expect(await world.charge(id)).toMatchObject({ status: 'due' });
    expect(await byHand(id)).toEqual([]);
    const terminal = person('yes');
    const done = await runAsked(runtime, terminal.ask, 'charges', 'void', charge, '--reason', 'a gesture of ours');
    expect(done.code).toBe(0);
    expect(terminal.questions()).toContain('Type yes to go on: ');
    expect(done.out).toContain(`Charge ${charge} will no longer be owed`);
    for (const fact of ['customer-order-1', 'IDR 75,000', 'due, INSUFFICIENT_BALANCE', 'a gesture of ours'])
      expect(done.out).toContain(fact);
    expect(await world.charge(id)).toMatchObject({ status: 'void' });
    expect(await byHand(id)).toEqual([['charge.voided', 'api:admin', 'void: a gesture of ours']]);
  });

  const ledgerKinds = {
    retry: 'charge.released',
    release: 'charge.released',
    hold: 'charge.held',
    forgive: 'charge.forgiven',
    'write-off': 'charge.uncollectible',
  };

  test.each([
    ['retry', dueCharge, 'will be tried at once'],
    ['hold', dueCharge, 'will wait for a person'],
    ['forgive', dueCharge, 'keeps access as if it were paid'],
    ['write-off', dueCharge, 'it stays owed, and nothing of it is tried by itself'],
    ['release', heldCharge, 'you vouch that no open attempt has collected it'],
  ] as const)('%s is asked about too', async (name, make, words) => {
    const { id, charge } = await make();
    const before = await world.told(id);
    const no = await runAsked(runtime, person('no', 'they called us').ask, 'charges', name, charge);
    expect(no).toMatchObject({ code: 1, out: expect.stringContaining(words) });
    expect(await world.told(id)).toEqual(before);
    expect((await runAsked(runtime, person('yes', 'they called us').ask, 'charges', name, charge)).code).toBe(0);
    expect((await world.told(id)).slice(before.length)[0]).toBe(ledgerKinds[name]);
  });

  test.each(['--yes', '--json'])('with %s nothing is asked', async (flag) => {
    const { id, charge } = await dueCharge();
    const why = ['--reason', 'a gesture of ours'];
    expect((await runAsked(runtime, nobody, 'charges', 'void', charge, flag, ...why)).code).toBe(0);
    expect(await world.charge(id)).toMatchObject({ status: 'void' });
  });

  test('a charge that nobody knows is told without a question', async () => {
    const { id } = await dueCharge();
    expect(await runAsked(runtime, nobody, 'charges', 'void', id)).toMatchObject({ code: 1, err: expect.any(String) });
  });
});

test('where there is no terminal nothing is asked: scripts go on as before', async () => {
  const { id, charge } = await dueCharge();
  const why = ['--reason', 'a gesture of ours'];
  expect((await run(runtime, 'charges', 'void', charge, ...why)).code).toBe(0);
  expect(await world.charge(id)).toMatchObject({ status: 'void' });
});

test.each([
  [true, true, true],
  [true, false, false],
  [false, true, false],
  [true, undefined, false],
  [undefined, true, false],
])('input a terminal: %s, output a terminal: %s: somebody is asked: %s', (from, to, asked) => {
  const input = Object.assign(new PassThrough(), { isTTY: from });
  expect(askOn(input, Object.assign(new PassThrough(), { isTTY: to })) !== null).toBe(asked);
});

describe('a subscription, at a terminal', () => {
  test.each([
    ['cancel', ['--at', 'now'], 'will be canceled at once'],
    ['cancel', [], 'will be canceled when what is paid for ends'],
    ['pause', [], 'will be paused: nothing is charged until it is resumed'],
    ['pause', ['--at', 'period_end'], 'will be paused when what is paid for ends'],
    [
      'grace',
      ['--until', '2026-12-31', '--reason', 'their bank was closed'],
      'will let its customer in until 2026-12-31',
    ],
    ['resume', [], 'will go on'],
    ['resume', ['--on-resume', 'void'], 'will go on: what is due is void'],
  ])('is shown before it is to %s (%j), and only a typed "yes" does it', async (name, more, words) => {
    const id = await world.onboard('order-1');
    await world.work();
    if (name === 'resume') await api.post(`/v1/subscriptions/${id}/pause`, {});
    const before = await world.subscription(id);
    const no = await runAsked(runtime, person('no').ask, 'subscriptions', name, id, ...more);
    expect(no).toMatchObject({ code: 1, out: expect.stringContaining(words) });
    expect(no.out).toMatch(/^reference {4}order-1$/m);
    expect(await world.subscription(id)).toEqual(before);
    expect((await runAsked(runtime, person('yes').ask, 'subscriptions', name, id, ...more)).code).toBe(0);
    expect(await world.subscription(id)).not.toEqual(before);
  });

  test('shows what a change comes to, and only what was shown is made', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    const asked = ['subscriptions', 'change', id, '--quantity', '2'];
    const no = await runAsked(runtime, person('no').ask, ...asked);
    expect(no).toMatchObject({ code: 1, out: expect.stringContaining('in all, asked for with the next charge') });
    expect(await world.subscription(id)).toMatchObject({ quantity: 1 });
    let moved = false;
    const slow: Ask = async (question) => {
      if (!moved) await api.post(`/v1/subscriptions/${id}/change`, { quantity: 3 });
      moved = true;
      return await person('yes').ask(question);
    };
    const late = await runAsked(runtime, slow, ...asked);
    expect(late).toMatchObject({ code: 1, err: expect.stringContaining('It is not as it was previewed') });
    expect(await world.subscription(id)).toMatchObject({ quantity: 3 });
    expect((await runAsked(runtime, person('yes').ask, ...asked)).code).toBe(0);
    expect(await world.subscription(id)).toMatchObject({ quantity: 2 });
  });

  test('is paused with a reason, without a question where it was said beforehand', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    const why = ['--reason', 'abroad until June'];
    expect((await runAsked(runtime, nobody, 'subscriptions', 'pause', id, '--yes', ...why)).code).toBe(0);
    const entries = await chainOf(ctx.db, bucketOf(id), id);
    expect(entries.at(-1)).toMatchObject({ kind: 'subscription.paused', actor: 'api:admin', why: 'abroad until June' });
  });
});

describe('one channel', () => {
  const wallet = { channelCode: 'OVO', network: null };
  const me = `cli:${userInfo().username}`;

  test('is stopped and started by hand, beside the others; doctor and health say so', async () => {
    const card = await world.onboard('card-1');
    const other = await world.onboard('wallet-1', 'monthly', {}, wallet);
    const why = 'the acquirer moves house';
    const left = await runAsked(runtime, person('yes', why).ask, 'disarm', '--channel', 'CARDS');
    expect([left.code, left.err]).toEqual([1, expect.stringContaining('Nothing was done')]);
    const mistyped = await run(runtime, 'disarm', '--channel', 'CARD', '--reason', why);
    expect([mistyped.code, mistyped.err]).toEqual([
      1,
      expect.stringContaining('CARD is no channel; there are: CARDS,'),
    ]);
    const done = await runAsked(runtime, person('CARDS', why).ask, 'disarm', '--channel', 'cards');
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining('To go on: dueday arm --channel CARDS') });
    const twice = await run(runtime, 'disarm', '--channel', 'CARDS', '--reason', 'once more, to be sure', '--json');
    expect([twice.code, JSON.parse(twice.out)]).toMatchObject([0, { changed: false, state: 'open' }]);
    expect(await world.ask(sql`select channel, reason, actor from disarmings`)).toEqual([
      { channel: 'CARDS', reason: why, actor: me },
    ]);
    await world.work();
    expect([(await world.charge(card)).status, (await world.charge(other)).status]).toEqual(['due', 'paid']);
    expect((await run(runtime, 'doctor')).out).toContain('1 delayed, not failed; run: dueday arm --channel CARDS');
    const seen = await (await apiOver(ctx)).send('GET', '/health/ready', '', {});
    const channels = {
      CARDS: { state: 'open', since: expect.any(String), why: expect.stringContaining(why), waiting: 1 },
      OVO: { state: 'closed', since: null, why: null, waiting: 0 },
    };
    // The wallets have collected all that was due: nothing of them waits, and they work all the same.
    expect([seen.status, seen.body]).toEqual([200, expect.objectContaining({ status: 'ready', channels })]);
    await world.onboard('wallet-2', 'monthly', {}, wallet);
    await openCharges(ctx, world.now());
    await run(runtime, 'disarm', '--channel', 'OVO', '--reason', why);
    const none = await (await apiOver(ctx)).send('GET', '/health/ready', '', {});
    expect([none.status, none.body]).toMatchObject([503, { status: 'not_ready', charging: 'on' }]);
    await run(runtime, 'arm', '--channel', 'OVO');
    const started = await run(runtime, 'arm', '--channel', 'CARDS', '--json');
    expect(JSON.parse(started.out)).toMatchObject({ channel: 'CARDS', state: 'closed', actor: me });
    await world.work();
    expect((await world.charge(card)).status).toBe('paid');
    const again = await run(runtime, 'arm', '--channel', 'CARDS');
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('CARDS was not stopped') });
    expect((await run(runtime, 'arm', '--channel', 'CARD')).code).toBe(1);
  });
});

describe('stopping all charging by hand', () => {
  const rows = () => world.ask(sql`select number, channel, reason, actor from disarmings order by number`);
  const me = `cli:${userInfo().username}`;

  test('asks for a reason and a typed "stop", and is written down for good', async () => {
    const { id } = await dueCharge();
    const sent = gateway.sent.length;
    for (const [typed, why] of [
      ['yes', 'the ledger looks wrong'],
      ['stop', 'too short'],
      [null, 'the ledger looks wrong'],
      ['stop', null],
    ] as const) {
      const left = await runAsked(runtime, person(typed, why).ask, 'disarm');
      expect([typed, why, left.code, left.err]).toEqual([typed, why, 1, expect.stringContaining('Nothing was done')]);
    }
    expect(await rows()).toEqual([]);
    const done = await runAsked(runtime, person('stop', 'the ledger looks wrong').ask, 'disarm');
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining('Just now 1 charge may be attempted') });
    expect(await rows()).toEqual([{ number: 1, channel: null, reason: 'the ledger looks wrong', actor: me }]);
    await world.liveUntil('2026-02-20T02:00:00Z');
    expect([(await world.charge(id)).status, gateway.sent.length]).toEqual(['due', sent]);
    await expect(made.admin.run(sql`delete from disarmings`)).rejects.toThrow('disarmings: DELETE is refused');
  });

  test('shows in doctor, health and arm; a restart does not lift it, arm does', async () => {
    const id = await world.onboard('order-1');
    await stopCharging(ctx.db, '', world.now(), 'Xendit does not know the key.');
    expect((await run(runtime, 'disarm', '--reason', 'the ledger looks wrong')).code).toBe(0);
    const why = `stopped by ${me}: the ledger looks wrong; it had stopped before for: Xendit does not know the key.`;
    expect((await run(runtime, 'doctor')).out).toContain(why);
    const health = await (await apiOver(ctx)).send('GET', '/health/ready', '', {});
    expect([health.status, health.body]).toMatchObject([503, { charging: 'stopped', reason: why }]);
    expect((await run(runtime, 'arm', '--dry-run')).out).toContain(`Stopped    ${why}`);
    expect(await resumeCharging(ctx.db, '')).toBeNull();
    await world.work();
    expect(gateway.sent).toEqual([]);
    const tell = {
      level: 'warn',
      event: 'charging was stopped by a person',
      facts: expect.objectContaining({ why }) as object,
    };
    expect(world.logged.filter(({ event }) => event === tell.event)).toEqual([tell]);
    const again = await run(runtime, 'disarm', '--reason', 'and once more, to be sure', '--json');
    expect(JSON.parse(again.out)).toEqual({ disarmed: true, changed: false, reason: why });
    expect(await rows()).toHaveLength(1);
    expect(await run(runtime, 'arm')).toMatchObject({ code: 0, out: expect.stringContaining(why) });
    await world.work();
    expect((await world.charge(id)).status).toBe('paid');
    const [arming] = await world.ask<{ stopped_for: string }>(
      sql`select stopped_for from armings order by number desc limit 1`,
    );
    expect(arming?.stopped_for).toBe(why);
  });

  test('of one channel is written down with it', async () => {
    const words = ['disarm', '--channel', 'cards', '--reason', 'the bank is looking into it'];
    expect((await run(runtime, ...words)).code).toBe(0);
    expect(await run(runtime, ...words)).toMatchObject({ code: 0, out: expect.stringContaining('already') });
    expect((await run(runtime, 'arm', '--channel', 'CARDS')).code).toBe(0);
    const reason = 'the bank is looking into it';
    expect(await rows()).toEqual([{ number: 1, channel: 'CARDS', reason, actor: me }]);
  });

  test('what stopped for a fault of the account is tried again after a restart', async () => {
    await stopCharging(ctx.db, '', world.now(), 'Xendit does not know the key.');
    expect(await resumeCharging(ctx.db, '')).toBe('Xendit does not know the key.');
    expect((await chargingState(ctx.db, '')).reason).toBeNull();
  });
});

describe('arming at a terminal', () => {
  const armed = async () => (await chargingState(ctx.db, '')).armed;
  const rows = () => world.ask(sql`select actor, reason from armings order by number`);
  const me = `cli:${userInfo().username}`;

  test('shows what differs and wants the kind of key typed', async () => {
    const house = runtimeWith(live, runtime.endpoint);
    for (const typed of ['yes', 'test', '', null]) {
      const refusal = await runAsked(house, person(typed).ask, 'arm');
      expect([typed, refusal.code, refusal.err]).toEqual([typed, 1, 'Nothing was done: it was not confirmed.']);
      expect(refusal.out).toMatch(/^Differs {4}the live key meets a database that was never armed$/m);
    }
    expect(await armed()).toBeNull();
    const terminal = person('live');
    const done = await runAsked(house, terminal.ask, 'arm');
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining('Armed.') });
    expect(terminal.questions()).toContain('Type live to go on: ');
    expect(await armed()).toMatchObject({ mode: 'live' });
    expect(done.out + done.err).not.toContain('canary');
  });

  test('arms nothing but what was shown, however long the answer took', async () => {
    const house = runtimeWith(live, runtime.endpoint);
    const slow: Ask = async (question) => {
      if (question.endsWith('may be empty): ')) return '';
      await stopCharging(ctx.db, '', world.now(), 'Xendit does not know the key.');
      return 'live';
    };
    const late = await runAsked(house, slow, 'arm');
    expect(late).toMatchObject({ code: 1, err: expect.stringContaining('it is no longer what it was') });
    expect(await armed()).toBeNull();
    const again = await runAsked(house, person('live').ask, 'arm');
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('Xendit does not know the key.') });
  });

  test('asks why, in a line that may be empty, unless it was said', async () => {
    const house = runtimeWith(live, runtime.endpoint);
    for (const why of [null, 'x'.repeat(501), 'two\u0085lines']) {
      const left = await runAsked(house, person('live', why).ask, 'arm');
      expect([why, left.code, left.err]).toEqual([why, 1, expect.stringContaining('Nothing was done')]);
    }
    expect(await rows()).toEqual([]);
    await runAsked(house, person('live', '  the primary is fenced ').ask, 'arm');
    await runAsked(house, person('live', ' ').ask, 'arm');
    const said = person('live', 'not asked for');
    const done = await runAsked(house, said.ask, 'arm', '--reason', 'a new key of ours');
    expect(said.questions()).not.toContain('Why');
    expect(done.out).toMatch(/^Reason {5}a new key of ours$/m);
    expect(done.out).toMatch(/^Armed {6}at \S+ by cli:\S+, who gave no reason$/m);
    expect(await rows()).toEqual(
      ['the primary is fenced', null, 'a new key of ours'].map((reason) => ({ actor: me, reason })),
    );
  });

  test('a script says why with --reason, or does not; what cannot be kept in one line is not understood', async () => {
    const house = runtimeWith(live, runtime.endpoint);
    for (const why of ['', 'x'.repeat(501), 'two\nlines']) {
      const bad = await run(house, 'arm', '--reason', why);
      expect([why, bad.code, bad.err]).toEqual([why, 2, expect.stringContaining('--reason: ')]);
    }
    expect((await run(house, 'arm', '--dry-run', '--reason', 'only looking')).code).toBe(0);
    expect(await rows()).toEqual([]);
    await run(house, 'arm', '--reason', 'the primary is fenced');
    const again = await run(house, 'arm', '--json');
    const last = { at: expect.any(String), actor: me, reason: 'the primary is fenced' };
    expect(JSON.parse(again.out)).toMatchObject({ armed: true, actor: me, reason: null, last_armed: last });
    const looked = JSON.parse((await run(house, 'arm', '--json', '--dry-run')).out);
    expect(looked).toMatchObject({ armed: false, last_armed: { actor: me, reason: null } });
    expect(await rows()).toHaveLength(2);
  });

  test('who has no name with the operating system is written down by number', () => {
    expect(actorHere(() => ({ username: 'siti' }))).toBe('cli:siti');
    const nameless = () => {
      throw new Error('ENOENT');
    };
    expect(actorHere(nameless)).toBe(`cli:${process.getuid?.()}`);
  });

  test('does not ask about what is refused, nor with --yes, --json, --dry-run, nor a script', async () => {
    const house = runtimeWith(live, runtime.endpoint);
    expect(await runAsked(house, nobody, 'arm', '--mode', 'test')).toMatchObject({
      code: 1,
      err: expect.stringContaining('not a test one'),
    });
    expect((await runAsked(house, nobody, 'arm', '--dry-run')).code).toBe(0);
    expect(await armed()).toBeNull();
    for (const flag of ['--yes', '--json']) expect((await runAsked(house, nobody, 'arm', flag)).code).toBe(0);
    expect((await run(house, 'arm')).code).toBe(0);
  });
});

test('each act by hand leaves who did it and why, also where the charge was due anyway', async () => {
  const { id, charge } = await dueCharge();
  const { secret } = await createKey(ctx, 'siti', 'admin');
  await api.post(`/v1/charges/${charge}/retry`, { reason: 'the customer called' }, secret);
  await api.post(`/v1/charges/${charge}/void`, { reason: 'they moved away' }, secret);
  expect(await byHand(id)).toEqual([
    ['charge.released', 'api:admin:siti', 'to be tried at once, by a person: the customer called'],
    ['charge.voided', 'api:admin:siti', 'void: they moved away'],
  ]);
});
