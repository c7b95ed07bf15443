import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { bucketOf } from '../../src/domain/charges/attempt.ts';
import { leftUnsealed, sealTokens } from '../../src/flows/access/seal-tokens.ts';
import { receiveWebhook } from '../../src/flows/inbox/receive-webhook.ts';
import { attemptsOf } from '../../src/infra/tables/charges/attempts.ts';
import { keysInUse } from '../../src/infra/tables/methods/resealing.ts';
import type { TokenKey } from '../../src/infra/vault/token-keys.ts';
import { openVault } from '../../src/infra/vault/vault.ts';
import { type Sent, succeeded, unknown } from '../support/scripted-gateway.ts';
import { testWorld, type World } from '../support/world.ts';
import { badDays, liveTogether, manyCustomers } from './busy-year.ts';
import { expectNothingToTell, expectSound } from './oracle.ts';
import { paymentEvent, sessionEvent } from './xendit-events.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { gateway } = world;
beforeEach(() => world.startOver(start));

/** Every token that the scripted gateway gives out begins so. */
const CANARY = 'pt-00000000-0000-4000-8000-';
const key = (id: string, byte: number): TokenKey => ({ id, secret: Buffer.alloc(32, byte) });
const [old, young] = [key('old', 1), key('young', 2)];
/** The one that seals what the world itself writes. */
const ofTheWorld: TokenKey = { id: 'test', secret: Buffer.alloc(32, 'dueday test') };

/** A daemon with these keys, the first of which seals. */
function daemonWith(...keys: readonly TokenKey[]): Context {
  return { ...world.ctx, db: { ...world.db, vault: openVault(keys) } };
}

/** Xendit's webhook reaches this daemon. */
const deliver = (daemon: Context, body: object) =>
  receiveWebhook(daemon, { raw: JSON.stringify(body), body, webhookId: null });

/** All text of all columns of all tables. */
async function dump(of: World = world): Promise<string> {
  const tables = await of.ask<{
    name: string;
  }>(sql`select oid::regclass::text as name from pg_class
    where relkind = 'r' and relnamespace in ('public'::regnamespace, 'drizzle'::regnamespace)`);
  const texts = await Promise.all(
    tables.map(async ({ name }) => {
      const rows = await of.ask<{ row: string }>(sql`select t::text as row from ${sql.raw(name)} t`);
      return rows.map(({ row }) => `${name}: ${row}`).join('\n');
    }),
  );
  return texts.join('\n');
}

/** A year's worth of everything that writes a token down: methods saved, replaced and ended, charges, silence, webhooks. */
async function busyWorld(daemons: readonly Context[]): Promise<readonly string[]> {
  const ids = await manyCustomers(world, 12);
  gateway.otherwise(badDays(world, 5));
  await liveTogether(world, daemons, '2026-02-05T00:00:00Z');
  const [sent] = gateway.sent;
  gateway.ends(sent?.tokenId ?? '', 'expired');
  await world.receives({ event: 'payment_token.expiry', data: { payment_token_id: sent?.tokenId, status: 'EXPIRED' } });
  await liveTogether(world, daemons, '2026-02-20T00:00:00Z');
  return ids;
}

const firstSent = (): Sent => {
  const [sent] = gateway.sent;
  if (sent === undefined) throw new Error('Nothing was sent.');
  return sent;
};

const notes = async () =>
  (await world.ask<{ note: string | null }>(sql`select note from charges`)).map((row) => row.note);

describe('payment tokens in the database', () => {
  test('are nowhere to be read, in no column of no table, after a busy time', async () => {
    await busyWorld([world.ctx]);
    expect(await dump()).not.toContain(CANARY);
    expect(gateway.sent.length).toBeGreaterThan(20);
    expect(gateway.sent.every((sent) => sent.body.includes(CANARY))).toBe(true);
    const found =
      await world.ask(sql`select (select count(*) from tokens where sealed_with = 'test')::int > 10 as tokens,
      (select count(*) from inbox where sealed_with = 'test')::int > 5 as webhooks,
      (select count(*) from tokens where status = 'expired')::int as expired`);
    expect(found).toEqual([{ tokens: true, webhooks: true, expired: 1 }]);
    expectNothingToTell(world);
    await expectSound(world);
  });

  test('are there to be read without keys: so this test would find them', async () => {
    const plain = daemonWith();
    const id = await world.create('order-1');
    const [onboarding] = await world.ask<{ session_id: string }>(sql`select session_id from onboardings`);
    const session = onboarding?.session_id ?? '';
    const token = gateway.completes(session);
    await deliver(plain, sessionEvent(session, 'COMPLETED', token));
    await world.workAs(plain);
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await dump()).toMatch(new RegExp(`^tokens: .*${token}`, 'm'));
    // A request never holds its token, with keys or without.
    expect(await dump()).not.toMatch(new RegExp(`^attempts: .*${token}`, 'm'));
  });

  test.each([
    ['of another row', sql`update tokens t set token_id = o.token_id from tokens o where o.id <> t.id`],
    [
      'with one letter changed',
      sql`update tokens set token_id = overlay(token_id placing
      case substr(token_id, 40, 1) when 'A' then 'B' else 'A' end from 40)`,
    ],
    ['cut off', sql`update tokens set token_id = left(token_id, 60)`],
    ['of a key that nobody has', sql`update tokens set token_id = replace(token_id, ':test:', ':gone:')`],
  ])('%s are never sent: the charges wait, somebody is told, and they are paid once it is mended', async (_, harm) => {
    const ids = [await world.onboard('order-1'), await world.onboard('order-2')];
    await world.ask(sql`create table kept as select id, token_id from tokens`);
    await world.ask(harm);
    await world.work();
    expect(gateway.sent).toEqual([]);
    expect(await notes()).toEqual(ids.map(() => expect.stringContaining('No key of DUEDAY_TOKEN_KEYS opens')));
    expect(world.logged.filter(({ level }) => level === 'error').map(({ event }) => event)).toEqual(
      ids.map(() => 'payment token cannot be opened'),
    );
    await world.ask(sql`update tokens t set token_id = k.token_id from kept k where k.id = t.id`);
    await world.ask(sql`drop table kept`);
    await world.liveUntil('2026-01-31T03:00:00Z');
    for (const id of ids) expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{ number: 1 }] });
  });

  test('that cannot be opened hold up no other charge', async () => {
    const [broken, whole] = [await world.onboard('order-1'), await world.onboard('order-2')];
    await world.ask(sql`update tokens t set token_id = left(t.token_id, 60) from subscriptions s
      where s.token_id = t.id and s.id = ${broken}::uuid`);
    await world.work();
    expect(await world.charge(whole)).toMatchObject({ status: 'paid' });
    expect(await world.charge(broken)).toMatchObject({ status: 'due', attempts: [] });
  });
});

describe('a card request that is sent once more', () => {
  const silent = async () => {
    const id = await world.onboard('order-1');
    gateway.script(unknown());
    await world.work();
    return id;
  };

  test('is the same, byte for byte', async () => {
    const id = await silent();
    await world.liveUntil('2026-01-31T02:10:00Z');
    expect(gateway.sent.map((sent) => sent.body)).toEqual([firstSent().body, firstSent().body]);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{ number: 1 }] });
  });

  const becomesAnother = async () => {
    const [row] = await world.ask<{ id: string }>(sql`select id::text from tokens`);
    const place = { table: 'tokens', id: row?.id ?? '', column: 'token_id' };
    await world.ask(sql`update tokens set token_id = ${world.db.vault.seal(place, `${CANARY}other`)}`);
  };

  test.each<[string, () => Promise<unknown>]>([
    ['its token became another', becomesAnother],
    [
      'its request was changed',
      () => world.above("update attempts set request = replace(request, '150000', '950000')"),
    ],
    ['its token cannot be opened', () => world.ask(sql`update tokens set token_id = left(token_id, 60)`)],
  ])('is not sent when %s behind our back', async (_, harm) => {
    const id = await silent();
    await harm();
    await world.liveUntil('2026-01-31T02:10:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ outcome: 'unknown' }] });
    expect(world.logged.map(({ event }) => event)).toContain(
      'request cannot be repeated: its payment token does not open',
    );
  });
});

describe('webhooks', () => {
  test('that this process cannot open wait, and are followed once it can', async () => {
    const id = await world.onboard('order-1');
    gateway.script(unknown());
    await world.work();
    await world.receives(paymentEvent(firstSent(), succeeded()));
    await world.workAs(daemonWith(young));
    expect(await world.charge(id)).toMatchObject({ status: 'attempting' });
    gateway.finds(firstSent().referenceId, { kind: 'found', outcome: succeeded() });
    world.moveTo('2026-01-31T02:00:59Z');
    await world.ask(sql`update inbox set next_try_at = ${start}::timestamptz`);
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });

  test('about a payment whose token cannot be opened are not taken for forged', async () => {
    await world.onboard('order-1');
    gateway.script(unknown());
    await world.work();
    await world.ask(sql`update tokens set token_id = left(token_id, 60)`);
    await world.receives(paymentEvent(firstSent(), succeeded()));
    await world.work();
    expect(await world.ask(sql`select status, note from inbox`)).toMatchObject([
      { status: 'received', note: expect.stringContaining('opens our payment token') },
    ]);
  });
});

describe('keys that change', () => {
  test('under load: every value ends under the new key, every charge is collected once, and the old key can go', async () => {
    const [before, both] = [daemonWith(old), daemonWith(young, old)];
    const ids = await manyCustomers(world, 10);
    // The world's own key seals what it onboards: moved first, as if the old one had been there from the beginning.
    await sealTokens(daemonWith(old, ofTheWorld));
    expect(await keysInUse(world.db, 'tokens')).toEqual(['old']);
    let receiver = before;
    const street = { ...world, receives: (body: object) => deliver(receiver, body) };
    gateway.otherwise(badDays(street, 3));
    await liveTogether(world, [before], '2026-02-03T00:00:00Z');
    receiver = both;
    const rotations: number[] = [];
    const rotating = async () => void rotations.push((await sealTokens(both)).tokens);
    for (const day of ['04', '05', '06']) {
      await Promise.all([liveTogether(world, [both, both], `2026-02-${day}T00:00:00Z`), rotating(), rotating()]);
    }
    expect(rotations.reduce((sum, one) => sum + one, 0)).toBeGreaterThanOrEqual(ids.length);
    await sealTokens(both);
    expect([await keysInUse(world.db, 'tokens'), await keysInUse(world.db, 'inbox')]).toEqual([['young'], ['young']]);
    receiver = daemonWith(young);
    await liveTogether(world, [receiver], '2026-03-02T03:00:00Z');
    expectNothingToTell(world);
    await expectSound(world);
    expect(await dump()).not.toContain(CANARY);
  });

  test('are used for what was there before there were any, requests with their tokens in them too', async () => {
    const plain = daemonWith();
    const sealed = daemonWith(young);
    const id = await world.onboard('order-1');
    gateway.script(unknown());
    await world.work();
    const { body, tokenId } = firstSent();
    // As a version wrote it that knew no keys.
    await world.above(`update tokens set token_id = '${tokenId}', sealed_with = '', token_index = null`);
    await world.above(`update attempts set request = '${body}', request_hash = null`);
    expect(await dump()).toContain(CANARY);
    expect(await leftUnsealed(sealed)).toBe(2);
    expect(await sealTokens(plain)).toMatchObject({ requests: 1, tokens: 0 });
    expect(await sealTokens(sealed)).toEqual({ requests: 0, tokens: 1, webhooks: 0, left: 0 });
    expect(await dump()).not.toContain(CANARY);
    await world.receives({ event: 'payment_token.expiry', data: { payment_token_id: tokenId, status: 'EXPIRED' } });
    await world.ask(sql`delete from inbox`);
    world.moveTo('2026-01-31T02:10:00Z');
    await world.workAs(sealed);
    expect(gateway.sent.map((sent) => sent.body)).toEqual([body, body]);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{ number: 1 }] });
  });

  test('may be interrupted, and go on', async () => {
    await manyCustomers(world, 6);
    const stop = new AbortController();
    const ctx = daemonWith(young, ofTheWorld);
    stop.abort();
    expect(await sealTokens({ ...ctx, stopping: stop.signal })).toMatchObject({ tokens: 0, left: 6 });
    expect(await sealTokens(ctx)).toMatchObject({ tokens: 6, left: 0 });
    expect(await sealTokens(ctx)).toMatchObject({ tokens: 0, left: 0 });
  });

  test('leave alone what they do not open, and count it', async () => {
    await manyCustomers(world, 3);
    const [before] = await world.ask(sql`select string_agg(token_id, '' order by id) as all from tokens`);
    expect(await sealTokens(daemonWith(young))).toMatchObject({ tokens: 0, left: 3 });
    expect(await world.ask(sql`select string_agg(token_id, '' order by id) as all from tokens`)).toEqual([before]);
  });

  test('still find a token that Xendit says has ended', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    const both = daemonWith(young, ofTheWorld);
    gateway.ends(firstSent().tokenId, 'expired');
    await world.receives({
      event: 'payment_token.expiry',
      data: { payment_token_id: firstSent().tokenId, status: 'EXPIRED' },
    });
    await world.workAs(both);
    expect((await world.told(id)).at(-1)).toBe('token.ended');
  });
});

describe('a request that was written with its token may only give that up', () => {
  const rewrite = (text: string, hash = "encode(sha256(convert_to(request, 'UTF8')), 'hex')") =>
    world.ask(sql.raw(`update attempts set request = ${text}, request_hash = ${hash}`));
  const mark = (tokenId: string) => `replace(request, '${tokenId}', '{payment_token}')`;

  beforeEach(async () => {
    await world.onboard('order-1');
    await world.work();
    await world.above(`update attempts set request = '${firstSent().body}', request_hash = null`);
  });

  test.each<[string, (tokenId: string) => Promise<unknown>]>([
    ['another amount', (id) => rewrite(`replace(${mark(id)}, '150000', '950000')`)],
    ['another reference', (id) => rewrite(`replace(${mark(id)}, '_0_1"', '_0_2"')`)],
    [
      'more than one value',
      (id) => rewrite(`regexp_replace(${mark(id)}, '"[^"]*","[^"]*":"{payment_token}', '"{payment_token}')`),
    ],
    ['another token in its place', (id) => rewrite(`replace(request, '${id}', 'pt-of-somebody-else')`)],
    ['the hash of something else', (id) => rewrite(mark(id), `repeat('0', 64)`)],
    ['no hash', (id) => rewrite(mark(id), 'null')],
  ])('and takes no %s', async (_, change) => {
    await expect(change(firstSent().tokenId)).rejects.toThrow('attempts_keep_their_request_text');
  });

  test('and does so once', async () => {
    await rewrite(mark(firstSent().tokenId));
    await expect(rewrite(mark(firstSent().tokenId))).rejects.toThrow('attempts_keep_their_request_text');
    const [charge] = await world.ask<{ id: string; bucket: number }>(sql`select id::text, bucket from charges`);
    const [attempt] = await attemptsOf(world.db, charge?.bucket ?? bucketOf(''), charge?.id ?? '');
    expect(attempt?.request).toContain('{payment_token}');
  });
});
