import { createHash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { createKey } from '../../src/flows/access/keys.ts';
import { voidCharge } from '../../src/flows/charges/change-charge.ts';
import { apiOver } from '../support/api.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const at = '2026-01-31T02:00:00Z';
const world = await testWorld({ at });
const { ctx, gateway } = world;
const api = await apiOver(ctx);
const product = await createKey(ctx, 'shop', 'product');
beforeEach(() => world.startOver(at));

async function owing(reference = 'order-1'): Promise<string> {
  gateway.script(declined('EXPIRED_CARD'));
  const id = await world.onboard(reference);
  await world.work();
  return (await world.charge(id)).id;
}

const payLink = (chargeId: string, body?: unknown) =>
  api.post(`/v1/charges/${chargeId}/pay-link`, body, product.secret);

/** The path of a link that was just made. */
async function linkTo(chargeId: string): Promise<string> {
  const { body } = await payLink(chargeId);
  return new URL((body as { url: string }).url).pathname;
}

/** As a browser sends a form that has a button alone. */
const press = async (path: string) =>
  await api.app.inject({
    method: 'POST',
    url: path,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: '',
  });

const look = async (path: string) => await api.app.inject({ method: 'GET', url: path });

describe('POST /v1/charges/{id}/pay-link', () => {
  test('answers 201 with the link, and 200 with the same while it is good', async () => {
    const chargeId = await owing();
    const first = await payLink(chargeId, { expires_in: '7 days', save: 'FORCED' });
    expect(first).toMatchObject({
      status: 201,
      body: { url: expect.stringContaining('https://billing.example/pay/'), expires_at: '2026-02-07T02:00:00Z' },
    });
    expect(await payLink(chargeId)).toMatchObject({ status: 200, body: first.body });
    expect(await world.ask(sql`select saves from pay_links`)).toEqual([{ saves: 'FORCED' }]);
    expect(gateway.offers).toEqual([]);
  });

  test('in COMPONENTS opens a session, whose key is told once', async () => {
    const chargeId = await owing();
    const body = { mode: 'COMPONENTS', origins: ['https://shop.example.com'] };
    const first = await payLink(chargeId, body);
    expect(first).toMatchObject({
      status: 201,
      body: {
        session_id: expect.stringMatching(/^ps-/),
        components_sdk_key: expect.stringMatching(/^session-of-/),
        expires_at: '2026-01-31T02:30:00Z',
      },
    });
    const second = await payLink(chargeId, body);
    expect(second.status).toBe(201);
    expect(second.body).not.toEqual(first.body);
    expect(world.logged.map((line) => JSON.stringify(line)).join('\n')).not.toContain('session-of-');
  });

  test.for<[object, string]>([
    [{ mode: 'COMPONENTS' }, 'origins'],
    [{ origins: ['https://shop.example.com'] }, 'origins'],
    [{ mode: 'COMPONENTS', origins: ['https://shop.example.com/pay'] }, 'origins.0'],
    [{ mode: 'COMPONENTS', origins: ['http://shop.example.com'] }, 'origins.0'],
    [{ save: 'ALWAYS' }, 'save'],
    [{ expires_in: '3 minutes' }, 'expires_in'],
    [{ amount: 5 }, 'amount'],
  ])('refuses %j by the name of the field', async ([body, field]) => {
    const chargeId = await owing();
    const { status, body: problem } = await payLink(chargeId, body);
    expect(status).toBe(400);
    expect((problem as { errors: { field: string }[] }).errors.map((one) => one.field)).toEqual([field]);
    expect(gateway.offers).toEqual([]);
    expect(await world.ask(sql`select from pay_links`)).toEqual([]);
  });

  test('is 404 for no charge, 409 for one that is paid', async () => {
    expect(await payLink('019a0000-0000-7000-8000-000000000001')).toMatchObject({ status: 404 });
    const id = await world.onboard('order-2');
    await world.work();
    const paid = await payLink((await world.charge(id)).id);
    expect(paid).toMatchObject({ status: 409, body: { detail: expect.stringContaining('The charge is paid') } });
  });

  test('may be sent again under its Idempotency-Key', async () => {
    const chargeId = await owing();
    const send = () =>
      api.send('POST', `/v1/charges/${chargeId}/pay-link`, '{}', {
        authorization: `Bearer ${product.secret}`,
        'content-type': 'application/json',
        'idempotency-key': 'once',
      });
    const first = await send();
    expect(await send()).toMatchObject({ status: 201, body: first.body });
  });
});

describe('the page behind a link', () => {
  test('shows what is owed with one button, runs nothing, and asks nothing of Xendit however often it is looked at', async () => {
    const path = await linkTo(await owing());
    for (let time = 0; time < 5; time += 1) await look(`${path}?utm_source=mail`);
    const answer = await look(path);
    const text = answer.body;
    expect(answer.statusCode).toBe(200);
    expect(text).toContain('<h1>Pay IDR 150,000</h1>');
    expect(text).toContain('31 January 2026 to 27 February 2026');
    expect(text.match(/<button/g)).toHaveLength(1);
    expect(text).not.toMatch(/<script|javascript:|style="|src=|href=/);
    const style = /<style>(.*)<\/style>/s.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(answer.headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self' https: http://127.0.0.1:*; base-uri 'none'; frame-ancestors 'none'`,
    );
    expect(answer.headers['referrer-policy']).toBe('no-referrer');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(gateway.offers).toEqual([]);
    expect((await world.ask(sql`select count(*)::int as n from attempts`))[0]).toEqual({ n: 1 });
  });

  test('leads to Xendit by its button, twice to the same session', async () => {
    const path = await linkTo(await owing());
    const [first, second] = [await press(path), await press(path)];
    expect(first.statusCode).toBe(303);
    expect(first.headers.location).toMatch(/^https:\/\/pay\.example\/ps-/);
    expect(second.headers.location).toBe(first.headers.location);
    expect(gateway.offers).toHaveLength(1);
  });

  test('says in words for a customer what is not there, is over, or cannot be done just now', async () => {
    const chargeId = await owing();
    const path = await linkTo(chargeId);
    const changed = path.replace(/.$/, (letter) => (letter === 'A' ? 'B' : 'A'));
    for (const send of [look, press]) {
      const unknown = await send(changed);
      expect(unknown.statusCode).toBe(404);
      expect(unknown.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(unknown.body).toContain('There is no such payment');
    }
    gateway.offerSays({ kind: 'silent', detail: 'no answer in time' });
    const away = await press(path);
    expect([away.statusCode, away.headers['retry-after']]).toEqual([503, '60']);
    expect(away.body).toContain('Nothing was charged');
    const doubtful = await press(path);
    expect([doubtful.statusCode, doubtful.body]).toEqual([409, expect.stringContaining('not to pay twice')]);
    await voidCharge(ctx, chargeId, { actor: 'a', reason: 'given away' });
    for (const send of [look, press]) {
      const over = await send(path);
      expect([over.statusCode, over.body]).toEqual([410, expect.stringContaining('no longer needed')]);
    }
  });

  test('has ended with its link', async () => {
    const path = await linkTo(await owing());
    world.moveTo('2026-03-02T02:00:00Z');
    expect((await look(path)).statusCode).toBe(410);
    expect((await press(path)).statusCode).toBe(410);
  });

  test('escapes what others wrote', async () => {
    gateway.script(declined('EXPIRED_CARD'));
    const id = await world.onboard('<b>"x"</b>');
    await world.work();
    const text = (await look(await linkTo((await world.charge(id)).id))).body;
    expect(text).toContain('&lt;b&gt;&quot;x&quot;&lt;/b&gt;');
    expect(text).not.toContain('<b>');
  });
});
