import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { pathOfOurs } from '../../src/entry/http/dashboard/frame/visitors.ts';
import { createKey, dropKey } from '../../src/flows/access/keys.ts';
import { hashOfPassword, isPassword } from '../../src/flows/access/passwords.ts';
import { makeLink, signIn } from '../../src/flows/access/sign-in.ts';
import { addUser, disableUser } from '../../src/flows/access/users.ts';
import { adminKey, apiOver } from '../support/api.ts';
import { type Visitor, visitorOf } from '../support/browser-like.ts';
import { testWorld } from '../support/world.ts';

/* To come in to the pages, and to be put out: over HTTP, as a browser without scripts does it. */

const at = '2026-01-31T02:00:00Z';
const world = await testWorld({ at });
const { ctx } = world;
const { app } = await apiOver(ctx);
beforeEach(() => world.startOver(at));

async function person(
  name: string,
  role: 'admin' | 'product' | 'finance' = 'finance',
  replace = false,
): Promise<string> {
  const added = await addUser(ctx, { name, role, replace, actor: 'cli:test' });
  if (added.kind === 'taken') throw new Error(`${name} is taken.`);
  return added.password;
}

const enter = (visitor: Visitor, name: string, password: string) =>
  visitor.send('/sign-in', '/sign-in', { name, password });

async function signedIn(name: string, role: 'admin' | 'product' | 'finance' = 'finance'): Promise<Visitor> {
  const visitor = visitorOf(app);
  expect(await enter(visitor, name, await person(name, role))).toMatchObject({ status: 303, location: '/' });
  return visitor;
}

const entries = () => world.ask<{ actor: string; kind: string }>(sql`select actor, kind from activity order by at, id`);
/** Real time goes by. */
const later = (interval: string, column = 'started_at') =>
  world.above(`update sessions set ${column} = ${column} - interval '${interval}'`);
const isIn = async (visitor: Visitor) => (await visitor.get('/account')).status === 200;

describe('a person with a password', () => {
  test('comes in, is who they are, and goes: the server forgets the session, whatever the browser keeps', async () => {
    const rina = await signedIn('rina');
    const shown = await rina.get('/account');
    expect(shown.status).toBe(200);
    expect(shown.text).toContain('<h1>rina</h1>');
    expect(shown.text).toContain('in the role <b>finance</b>');
    const kept = new Map(rina.cookies);
    expect(await rina.send('/account', '/sign-out', {})).toMatchObject({ status: 303, location: '/sign-in' });
    for (const [name, value] of kept) rina.cookies.set(name, value);
    expect(await rina.get('/account')).toMatchObject({ status: 303, location: '/sign-in?to=%2Faccount' });
    expect(await entries()).toEqual([
      { actor: 'cli:test', kind: 'user_added' },
      { actor: 'user:rina', kind: 'sign_in' },
      { actor: 'user:rina', kind: 'sign_out' },
    ]);
  });

  test('goes on to the page that was asked for, and never to somebody else’s', async () => {
    const password = await person('rina');
    const visitor = visitorOf(app);
    const asked = await visitor.get('/account');
    expect(asked).toMatchObject({ status: 303, location: '/sign-in?to=%2Faccount' });
    expect(await visitor.send('/sign-in?to=%2Faccount', '/sign-in', { name: 'Rina ', password })).toMatchObject({
      status: 303,
      location: '/account',
    });
    for (const to of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:x', '/sign-in', '/a\nb'])
      expect([to, pathOfOurs(to)]).toEqual([to, '/']);
    expect(pathOfOurs('/charges?due_from=2026-12-01&plan=a%20b')).toBe('/charges?due_from=2026-12-01&plan=a%20b');
  });

  test('is told the same whichever of name and password is wrong, and the time tells no more', async () => {
    await person('rina');
    const wrong = [await enter(visitorOf(app), 'rina', 'not it'), await enter(visitorOf(app), 'nobody', 'not it')];
    const [of, off] = wrong.map(({ status, text }) => ({
      status,
      text: text.replaceAll(/value="[^"]*"/g, ''),
    }));
    expect(of).toEqual(off);
    expect(of).toMatchObject({
      status: 422,
      text: expect.stringContaining('<title>Problem: not signed in · dueday</title>'),
    });
    // Both derive a hash: neither is answered before one was made.
    const took = async (name: string) => {
      const began = performance.now();
      await signIn(ctx, { kind: 'password', name, password: 'x' }, { address: '::1', network: '::1' });
      return performance.now() - began;
    };
    const hashing = performance.now();
    await hashOfPassword('x');
    const least = (performance.now() - hashing) / 3;
    expect(await took('nobody')).toBeGreaterThan(least);
    expect(await took('rina')).toBeGreaterThan(least);
  });

  test('is told the same of a name that nobody can have', async () => {
    for (const name of ['ri\0na', '\ud800', 'x'.repeat(61)])
      expect([name, (await enter(visitorOf(app), name, 'guessed')).status]).toEqual([name, 422]);
  });

  test('waits longer and longer after five wrong tries, also for the right password, and others do not', async () => {
    const [rina, dewi] = [await person('rina'), await person('dewi')];
    for (const _ of [1, 2, 3, 4, 5])
      expect(await enter(visitorOf(app), 'rina', 'not it')).toMatchObject({ status: 422 });
    const shut = await enter(visitorOf(app), 'RINA', rina);
    expect(shut).toMatchObject({ status: 429, text: expect.stringContaining('Try again in 30 seconds.') });
    expect(Number(shut.headers['retry-after'])).toBeLessThanOrEqual(30);
    expect(await enter(visitorOf(app), 'dewi', dewi)).toMatchObject({ status: 303 });
    await world.above(`update sign_in_tries set until = now() - interval '1 second'`);
    expect(await enter(visitorOf(app), 'rina', 'not it')).toMatchObject({ status: 422 });
    expect((await enter(visitorOf(app), 'rina', rina)).text).toContain('Try again in 60 seconds.');
    await world.above(`update sign_in_tries set until = now() - interval '1 second'`);
    expect(await enter(visitorOf(app), 'rina', rina)).toMatchObject({ status: 303 });
    expect(await world.ask(sql`select tries from sign_in_tries where tries > 5 and until is not null`)).toEqual([]);
    expect((await entries()).map(({ kind }) => kind)).toEqual([
      'user_added',
      'user_added',
      ...Array.from({ length: 5 }, () => 'sign_in_refused'),
      'sign_in_must_wait',
      'sign_in',
      'sign_in_refused',
      'sign_in_must_wait',
      'sign_in',
    ]);
  });

  test('a hundred at once are a hundred tries: five are looked at', async () => {
    await person('rina');
    const from = { address: '10.0.0.1', network: '10.0.0.1' };
    const tried = await Promise.all(
      Array.from({ length: 20 }, () => signIn(ctx, { kind: 'password', name: 'rina', password: 'guess' }, from)),
    );
    expect(tried.filter(({ kind }) => kind === 'refused')).toHaveLength(5);
  });

  test('whoever asks without one is asked to sign in, page by page, and told nothing', async () => {
    const stranger = visitorOf(app);
    for (const cookie of ['', 'x', 'a'.repeat(43), `${'a'.repeat(42)}'`]) {
      stranger.cookies.set('__Host-dueday', cookie);
      expect(await stranger.get('/')).toMatchObject({ status: 303, location: '/sign-in', text: '' });
    }
  });
});

describe('a session', () => {
  test('is over after 12 hours, and after 2 hours in which nothing was looked at', async () => {
    const rina = await signedIn('rina');
    await later('119 minutes', 'seen_at');
    expect(await isIn(rina)).toBe(true);
    // That look was a use of it.
    await later('119 minutes', 'seen_at');
    expect(await isIn(rina)).toBe(true);
    await later('121 minutes', 'seen_at');
    expect(await isIn(rina)).toBe(false);
    const dewi = await signedIn('dewi');
    await later('11 hours 59 minutes');
    expect(await isIn(dewi)).toBe(true);
    await later('2 minutes');
    expect(await isIn(dewi)).toBe(false);
  });

  test('ends with another role, with a new password and with its user', async () => {
    const [one, two] = [await signedIn('rina', 'admin'), await signedIn('dewi')];
    const password = await person('rina', 'product', true);
    expect(await isIn(one)).toBe(false);
    await enter(one, 'rina', password);
    expect((await one.get('/account')).text).toContain('in the role <b>product</b>');
    expect(await disableUser(ctx, 'dewi', 'cli:test')).toBe(true);
    expect(await isIn(two)).toBe(false);
    expect(await world.ask(sql`select ended_why from sessions where ended_at is not null order by started_at`)).toEqual(
      [{ ended_why: 'user_replaced' }, { ended_why: 'user_disabled' }],
    );
  });

  test('of a user whose row was changed past us opens nothing', async () => {
    const rina = await signedIn('rina');
    await world.above(`update users set role = 'admin'`);
    expect(await isIn(rina)).toBe(false);
  });

  test('its cookie is for this host alone, kept from scripts and from other sites', async () => {
    const password = await person('rina');
    const visitor = visitorOf(app);
    const { headers } = await enter(visitor, 'rina', password);
    const [session] = [headers['set-cookie'] ?? []].flat().filter((one) => String(one).startsWith('__Host-dueday='));
    expect(session).toMatch(/^__Host-dueday=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    // Nothing that is stored lets its reader in.
    const token = visitor.cookies.get('__Host-dueday') ?? '';
    expect(JSON.stringify(await world.ask(sql`select * from sessions`))).not.toContain(token);
  });
});

describe('another password', () => {
  test('ends every other session, and the old one opens nothing', async () => {
    const old = await person('rina');
    const [here, elsewhere] = [visitorOf(app), visitorOf(app)];
    for (const visitor of [here, elsewhere]) await enter(visitor, 'rina', old);
    const next = 'a longer walk to the sea';
    expect(await here.send('/account', '/account', { current: old, next })).toMatchObject({
      status: 200,
      text: expect.stringContaining('Your password is changed.'),
    });
    expect([await isIn(here), await isIn(elsewhere)]).toEqual([true, false]);
    expect((await enter(visitorOf(app), 'rina', old)).status).toBe(422);
    expect((await enter(visitorOf(app), 'rina', next)).status).toBe(303);
  });

  test.each([
    ['wrong', 'a longer walk to the sea', 'This is not your password.'],
    [null, 'short', 'Write at least 12 characters.'],
    [null, 'aaaaaaaaaaaaaaaa', 'Write more than a few characters again and again.'],
    [null, 'this is rina and no other', 'Leave your name out of it.'],
  ])('is refused at its field: %s, %s', async (current, next, message) => {
    const password = await person('rina');
    const rina = visitorOf(app);
    await enter(rina, 'rina', password);
    const { status, text } = await rina.send('/account', '/account', { current: current ?? password, next });
    expect(status).toBe(422);
    const id = current === null ? 'next' : 'current';
    expect(text).toContain(`<a href="#${id}">${message}</a>`);
    expect(text).toContain(
      `aria-describedby="${id === 'next' ? 'next-hint next-error' : 'current-error'}" aria-invalid="true"`,
    );
    expect(text).toContain('<title>Problem: the password is as it was · dueday</title>');
  });
});

describe('a key', () => {
  test('signs in as what it is, and is out once it is revoked', async () => {
    const key = await createKey(ctx, 'books', 'finance');
    const visitor = visitorOf(app);
    expect((await visitor.send('/sign-in', '/sign-in', { key: key.secret })).status).toBe(303);
    expect((await visitor.get('/account')).text).toContain('in the role <b>finance</b>');
    await dropKey(ctx, key.id);
    expect(await isIn(visitor)).toBe(false);
    expect((await visitor.send('/sign-in', '/sign-in', { key: key.secret })).status).toBe(422);
  });

  test('of the settings signs in as the admin, and is out once it is another one', async () => {
    const visitor = visitorOf(app);
    await visitor.send('/sign-in', '/sign-in', { key: adminKey });
    expect((await visitor.get('/account')).text).toContain('in the role <b>admin</b>');
    await world.above(`update sessions set credential_id = 'of another key'`);
    expect(await isIn(visitor)).toBe(false);
  });
});

describe('a link of the start', () => {
  test('signs in once: of two who come at once, one', async () => {
    const token = await makeLink(ctx);
    const [one, two] = [visitorOf(app), visitorOf(app)];
    const came = await Promise.all([one.get(`/sign-in/${token}`), two.get(`/sign-in/${token}`)]);
    expect(came.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 410]);
    expect([await isIn(one), await isIn(two)].filter((is) => is)).toHaveLength(1);
    expect(JSON.stringify(await world.ask(sql`select * from sign_in_links`))).not.toContain(token);
  });

  test('is good for a day', async () => {
    const token = await makeLink(ctx);
    await world.above(`update sign_in_links set made_at = made_at - interval '25 hours'`);
    expect(await visitorOf(app).get(`/sign-in/${token}`)).toMatchObject({ status: 410 });
  });
});

describe('a form', () => {
  test.each([
    ['/sign-in', { name: 'rina', password: 'x' }],
    ['/account', { current: 'x', next: 'a longer walk to the sea' }],
    ['/sign-out', {}],
  ])('from elsewhere does nothing: %s', async (action, fields) => {
    const rina = await signedIn('rina');
    for (const _csrf of ['', 'x', 'aaaaaaaa-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa']) {
      const { status, text } = await rina.post(action, { ...fields, _csrf } as Record<string, string>);
      expect(status).toBe(403);
      expect(text).toContain('Nothing was done');
    }
    expect(await isIn(rina)).toBe(true);
  });

  test('of one browser is none of another', async () => {
    const [rina, dewi] = [await signedIn('rina'), await signedIn('dewi')];
    const token = /name="_csrf" value="([^"]+)"/.exec((await dewi.get('/account')).text)?.[1] ?? '';
    await rina.get('/account');
    expect((await rina.post('/sign-out', { _csrf: token })).status).toBe(403);
  });
});

describe('every page', () => {
  test('runs nothing, takes nothing from elsewhere, is framed by nobody and kept by nobody', async () => {
    const rina = await signedIn('rina');
    for (const path of ['/sign-in', '/account', '/no-such-page']) {
      const visitor = path === '/sign-in' ? visitorOf(app) : rina;
      const { headers, text } = await visitor.get(path);
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'; ?style-src 'self'; ?img-src 'self'; ?form-action 'self'; ?base-uri 'none'; ?frame-ancestors 'none'$/,
      );
      expect(headers['cache-control']).toBe('private, no-store');
      expect(headers['referrer-policy']).toBe('no-referrer');
      if (path !== '/no-such-page') expect(headers['strict-transport-security']).toBe('max-age=31536000');
      expect(text).not.toMatch(/ style=|<style|<script|\son\w+=/);
    }
  });

  test('has one stylesheet, whose name is its hash, kept for a year', async () => {
    const { text } = await visitorOf(app).get('/sign-in');
    const [, path = ''] = /<link rel="stylesheet" href="([^"]+)">/.exec(text) ?? [];
    const sheet = await visitorOf(app).get(path);
    expect(sheet.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(sheet.headers['content-type']).toBe('text/css; charset=utf-8');
    expect(Buffer.byteLength(sheet.text)).toBeLessThan(20_000);
  });

  test('that is not there says so, and a program is told in JSON', async () => {
    const page = await visitorOf(app).get('/charge/"><script>x');
    expect(page.status).toBe(404);
    expect(page.text).not.toContain('<script');
    const told = await app.inject({ method: 'GET', url: '/charge' });
    expect(told.headers['content-type']).toContain('application/problem+json');
  });
});

describe('a hash of a password', () => {
  test('is Argon2id, with a salt of its own each time, and fits this password alone', async () => {
    const [one, two] = [await hashOfPassword('pässword'), await hashOfPassword('pässword')];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await isPassword('pa\u0308ssword', one)).toBe(true);
    expect(await isPassword('password', one)).toBe(false);
    expect(await isPassword('', null)).toBe(false);
  });

  test('of another library opens as well', async () => {
    // From the reference implementation: argon2id, m=65536, t=2, p=1, "password" with the salt "somesalt".
    const reference = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await isPassword('password', reference)).toBe(true);
    expect(await isPassword('Password', reference)).toBe(false);
  });
});
