import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Pages } from '../../src/context.ts';
import type { Role } from '../../src/flows/access/keys.ts';
import { addUser } from '../../src/flows/access/users.ts';
import { disarmCharging } from '../../src/flows/charging/disarm-charging.ts';
import { showSign } from '../../src/flows/control/show-sign.ts';
import type { Sql } from '../../src/infra/database/sql.ts';
import { apiOver } from '../support/api.ts';
import { type Visitor, visitorOf } from '../support/browser-like.ts';
import { testWorld } from '../support/world.ts';

/* Whether it runs, whether it is on time, who armed it; and what an admin may do about it. */

const at = '2026-01-31T02:00:00Z';
const world = await testWorld({ at });
const { ctx } = world;
beforeEach(() => world.startOver(at));

type Look = Pages['look'];

/** Another one each time: what a server has seen of the house it keeps for a second. */
async function signedIn(role: Role, look: Look = (work) => work(ctx.db)): Promise<Visitor> {
  const { app } = await apiOver(ctx, { pages: { look } });
  const added = await addUser(ctx, { name: `one-${role}`, role, replace: true, actor: 'cli:test' });
  const visitor = visitorOf(app);
  await visitor.send('/sign-in', '/sign-in', {
    name: `one-${role}`,
    password: added.kind === 'taken' ? '' : added.password,
  });
  return visitor;
}

const read = (text: string) =>
  text
    .replaceAll(/<title>[^<]*<\/title>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
const acts = (text: string) => [...text.matchAll(/<a class="btn" href="(\/health\/\w+)">/g)].map(([, path]) => path);
const why = { reason: 'a restored copy answers' };
const stopped = async () =>
  (await world.ask<{ by: string | null }>(sql`select stopped_by as by from charging`))[0]?.by ?? null;

describe('the page', () => {
  test('says that charging is armed, who is at work, and how charging kept up', async () => {
    await showSign(ctx, {
      id: ctx.newId(0),
      name: 'billing-1 42',
      startedAt: Temporal.Now.instant().round('second'),
      runs: [{ job: 'billing', at: Temporal.Now.instant().toString(), ms: 12 }],
    });
    await world.above('update pulse set late_seconds = 1200, sent = 30');
    const text = read((await (await signedIn('finance')).get('/health')).text);
    expect(text).toContain('Charging is armed, sandbox');
    expect(text).toContain('1 process is at work, nothing is in line. Catalog version 1 is in force.');
    expect(text).toContain('billing-1 42');
    expect(text).toMatch(/billing \d+ s ago 12 ms/);
    expect(text).toContain('Last 24 hours: at most 20 min in line, more than 15');
    expect(text).toContain('Last 24 hours: up to 30 attempts a minute');
  });

  test('says loudly that nobody is at work, and that a job has hung', async () => {
    const finance = await signedIn('finance');
    expect(read((await finance.get('/health')).text)).toContain('No sign of life for three minutes');
    const long = Temporal.Now.instant().subtract({ minutes: 6 }).toString();
    const sign = { id: ctx.newId(0), name: 'one', startedAt: Temporal.Now.instant().round('second') };
    await showSign(ctx, { ...sign, runs: [{ job: 'webhooks', at: long, ms: 1 }] });
    expect(read((await finance.get('/health')).text)).toMatch(/webhooks 3[67]\d s ago: it hangs, or fails/);
  });

  test('shows a channel that is stopped with why and how many wait', async () => {
    await world.above(
      `insert into breakers (channel, state, since, code, why) values ('DANA', 'open', '${at}', 'CHANNEL_UNAVAILABLE', 'an outage')`,
    );
    const text = read((await (await signedIn('finance')).get('/health')).text);
    expect(text).toContain('DANA stopped since 31 Jan 2026, 09:00:00: an outage 0');
  });

  test('offers to an admin alone what may be done as things stand', async () => {
    expect(acts((await (await signedIn('finance')).get('/health')).text)).toEqual([]);
    expect(acts((await (await signedIn('admin')).get('/health')).text)).toEqual(['/health/stop', '/health/clock']);
    await disarmCharging(ctx, { actor: 'cli:test', ...why });
    expect(acts((await (await signedIn('admin')).get('/health')).text)).toEqual(['/health/arm', '/health/clock']);
    expect(await (await signedIn('finance')).get('/health/arm')).toMatchObject({ status: 403 });
  });
});

describe('an admin', () => {
  test('stops charging and arms it again, each with a reason that the page keeps', async () => {
    const admin = await signedIn('admin');
    expect(await admin.send('/health/stop', '/health/stop', why)).toMatchObject({ status: 303, location: '/health' });
    expect(await stopped()).toBe('user:one-admin');
    const later = await signedIn('admin');
    const text = read((await later.get('/health')).text);
    expect(text).toContain('Nothing is charged since 31 Jan 2026, 09:00:00: charging is stopped.');
    expect(text).toContain('Stopped charging user:one-admin a restored copy answers');
    expect(await later.send('/health/arm', '/health/arm', { reason: 'the copy is gone now' })).toMatchObject({
      status: 303,
    });
    expect(await stopped()).toBeNull();
    expect(read((await (await signedIn('admin')).get('/health')).text)).toContain(
      'Armed charging user:one-admin the copy is gone now',
    );
  });

  test('changes nothing when it is no longer as it was shown', async () => {
    const admin = await signedIn('admin');
    const { text } = await admin.get('/health/stop');
    const fields = [...text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(
      ([, name = '', value = '']) => [name, value],
    );
    await disarmCharging(ctx, { actor: 'cli:siti', reason: 'she was first to see it' });
    const answer = await admin.post('/health/stop', {
      ...Object.fromEntries<string>(fields as [string, string][]),
      ...why,
    });
    expect(answer.status).toBe(409);
    expect(await stopped()).toBe('cli:siti');
  });

  test('moves the test clock, and forward only', async () => {
    await ctx.db.run(sql`insert into test_clock (now) values (${at}::timestamptz)`);
    const admin = await signedIn('admin');
    const to = '2026-02-01T02:00:00Z';
    expect(await admin.send('/health/clock', '/health/clock', { to, ...why })).toMatchObject({ status: 303 });
    const [clock] = await world.ask<{ target: Date }>(sql`select target from test_clock`);
    expect(new Date(String(clock?.target)).toISOString()).toBe('2026-02-01T02:00:00.000Z');
    const again = await admin.send('/health/clock', '/health/clock', { to: '2026-01-01T00:00:00Z', ...why });
    expect(again.status).toBe(409);
  });
});

describe('every page', () => {
  test.each([
    ['fails', async () => await Promise.reject(Object.assign(new Error('late'), { code: 'DEADLINE' }))],
    ['does not end', async () => await new Promise<never>(() => undefined)],
  ])('is there where the count of what waits %s: charging can be stopped and armed then too', async (_, count) => {
    const look: Look = async (work) =>
      await work({
        ...ctx.db,
        run: async (query) =>
          (query as Sql).statement().text.includes('from findings') ? await count() : await ctx.db.run(query),
      });
    await disarmCharging(ctx, { actor: 'cli:test', ...why });
    expect((await (await signedIn('admin')).get('/health')).text).toContain('<span class="count">1<');
    const admin = await signedIn('admin', look);
    for (const path of ['/health', '/health/arm', '/account']) {
      const { status, text } = await admin.get(path);
      expect([path, status, text.includes('class="count"')]).toEqual([path, 200, false]);
    }
    expect(await admin.send('/health/arm', '/health/arm', why)).toMatchObject({ status: 303 });
    expect(await stopped()).toBeNull();
  });

  test('says that charging is stopped, with the way to mend it for who may, and where to look for who may not', async () => {
    await disarmCharging(ctx, { actor: 'cli:test', ...why });
    const noteOf = (text: string) => /<div class="note bad".*?<\/div>/s.exec(text)?.[0] ?? '';
    const admin = noteOf((await (await signedIn('admin')).get('/charges')).text);
    expect(admin).toContain('<a href="/health/arm">');
    const finance = noteOf((await (await signedIn('finance')).get('/charges')).text);
    expect(finance).toContain('<a href="/health">');
    expect(finance).not.toContain('/health/arm');
  });

  test('says how many processes are at work, and when a job of theirs ended last', async () => {
    const foot = async () =>
      read(/<div class="who">.*?<\/div>/s.exec((await (await signedIn('product')).get('/charges')).text)?.[0] ?? '');
    expect(await foot()).toContain('No process is at work');
    const startedAt = Temporal.Now.instant().round('second');
    await showSign(ctx, {
      id: ctx.newId(0),
      name: 'one',
      startedAt,
      runs: [{ job: 'billing', at: startedAt.toString(), ms: 3 }],
    });
    await showSign(ctx, { id: ctx.newId(0), name: 'two', startedAt, runs: [] });
    expect(await foot()).toMatch(/2 replicas, last run \d+ s ago/);
  });

  test('is light or dark as this browser chose, without a script, and as the system has it otherwise', async () => {
    const finance = await signedIn('finance');
    const element = async (path: string) => /<html[^>]*>/.exec((await finance.get(path)).text)?.[0];
    expect(await element('/account')).toBe('<html lang="en">');
    expect(await finance.send('/account', '/account/theme', { theme: 'dark' })).toMatchObject({
      status: 303,
      location: '/account',
    });
    for (const path of ['/', '/charges', '/charges/none'])
      expect([path, await element(path)]).toEqual([path, '<html lang="en" data-theme="dark">']);
    await finance.send('/account', '/account/theme', { theme: '"><script>' });
    expect(await element('/charges')).toBe('<html lang="en">');
  });
});
