import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { addUser } from '../../src/flows/access/users.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { apiOver } from '../support/api.ts';
import { applied } from '../support/applied-catalog.ts';
import { type Visitor, visitorOf } from '../support/browser-like.ts';
import { links, type Reader, seen, signedIn } from '../support/signed-in.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

/* What is sold and what those pay who have it, the versions, and the file on disk: what it would change, and putting it in force. */

const at = '2026-01-31T02:00:00Z';
const world = await testWorld({ at });
const { ctx } = world;
const folder = mkdtempSync(join(tmpdir(), 'dueday-plans-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'catalog.yaml');
const { app } = await apiOver(ctx, { catalogFile: file });
let rina: Reader;
let siti: Visitor;

beforeEach(async () => {
  await world.startOver(at);
  await applied(world, plainCatalog);
  writeFileSync(file, dearer);
  rina = await signedIn(app, ctx, 'rina', 'finance');
  const added = await addUser(ctx, { name: 'siti', role: 'admin', replace: false, actor: 'cli:test' });
  siti = visitorOf(app);
  await siti.send('/sign-in', '/sign-in', { name: 'siti', password: added.kind === 'taken' ? '' : added.password });
});

const dearer = plainCatalog.replace('amount: 25000,', 'amount: 30000,');
const inForce = async () => ctx.catalog.current.version;
const hidden = (text: string) =>
  Object.fromEntries(
    [...text.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );

describe('the page of the plans', () => {
  test('tells times in the zone of the catalog in force, also when another one came in force meanwhile', async () => {
    const offsets = async (path: string) => {
      const parts = (await rina.page(path)).split('<section').slice(1).join('');
      return new Set([...parts.matchAll(/datetime="[^"]*([+-]\d\d:\d\d)"/g)].map(([, offset]) => offset));
    };
    for (const path of ['/plans', `/plans/versions/${await inForce()}`])
      expect([path, await offsets(path)]).toEqual([path, new Set(['+07:00'])]);
    const version = await applied(world, plainCatalog.replaceAll('Asia/Jakarta', 'Asia/Tokyo'));
    for (const path of ['/plans', `/plans/versions/${version}`])
      expect([path, await offsets(path)]).toEqual([path, new Set(['+09:00'])]);
  });

  test('says how many have each plan, by the version whose price they pay; each figure opens a list that says the same', async () => {
    await world.onboard('sub-one', 'weekly');
    await world.onboard('sub-two', 'weekly');
    const gone = await world.onboard('sub-gone', 'weekly');
    await cancelSubscription(ctx, gone, { at: 'now', reason: 'moved abroad', actor: 'user:rina' });
    const version = await applied(world, dearer);
    await world.onboard('sub-new', 'weekly');
    const text = await rina.page('/plans');
    expect(seen(text)).toContain('3 live subscriptions have one, 2 of them at another price than now.');
    const figures = links(text).filter(({ href }) => href.startsWith('/subscriptions?'));
    expect(figures.map(({ text: said }) => said)).toEqual(['3', '1', '2', '3']);
    for (const { href, text: said } of figures) expect(seen(await rina.page(href))).toContain(`of ${said} · dueday`);
    expect(seen(text)).toMatch(new RegExp(`weeklyVersion ${version}IDR 30,000The price of now1`));
    expect(seen(text)).toMatch(/weeklyVersion \d+IDR 25,000Now IDR 30,0002/);
  });

  test('of a version says when it came in force, by whom and why, with its whole text', async () => {
    const number = await inForce();
    const text = await rina.page(`/plans/versions/${number}`);
    expect(seen(text)).toContain('It is in force.');
    expect(seen(text)).toContain('charge_at:');
    expect((await rina.get('/plans/versions/999')).status).toBe(404);
    expect((await rina.get('/plans/versions/x')).status).toBe(404);
  });

  test('of an empty book says so', async () => {
    expect(seen(await rina.page('/plans'))).toContain('Nobody has one yet.');
  });
});

describe('the file on disk', () => {
  test('is not for finance, who is told so in words, and is not offered it', async () => {
    const { status, text } = await rina.get('/plans/diff');
    expect([status, seen(text)]).toEqual([
      403,
      expect.stringContaining('It is for admin. You are signed in as rina, finance.'),
    ]);
    expect((await rina.get('/plans/apply')).status).toBe(403);
    expect(await rina.page('/plans')).not.toContain('/plans/diff');
    expect((await siti.get('/plans')).text).toContain('/plans/diff');
  });

  test('is shown against what is in force as the command shows it, as a page, a text and JSON', async () => {
    await world.onboard('sub-one', 'weekly');
    const page = seen((await siti.get('/plans/diff')).text);
    const { text } = await siti.get('/plans/diff?format=text');
    const said = JSON.parse((await siti.get('/plans/diff?format=json')).text) as {
      digest: string;
      plans: { plan: string }[];
    };
    expect(said.plans.map(({ plan }) => plan)).toEqual(['weekly']);
    expect(text).toContain(`dueday catalog apply --digest ${said.digest}`);
    expect(page).toContain(said.digest);
    expect(page).toContain(text.split('\n')[0]);
  });

  test('with a fault says where, and can not be put in force', async () => {
    writeFileSync(file, dearer.replace('interval: 1 week', 'interval: 1 hour'));
    expect(seen((await siti.get('/plans/diff')).text)).toMatch(/catalog\.yaml:\d+:\d+ plans\.weekly\.interval/);
    expect((await siti.get('/plans/apply')).status).toBe(409);
  });

  test('is put in force in three steps, with a reason, exactly as it was shown', async () => {
    const before = await inForce();
    const page = await siti.get('/plans/apply');
    expect(seen(page.text)).toContain('Put the file on disk in force?');
    const form = hidden(page.text);
    expect((await siti.send('/plans/apply', '/plans/apply', { ...form, reason: 'short' })).status).toBe(422);
    const sent = await siti.send('/plans/apply', '/plans/apply', { ...form, reason: 'the rent of the hall went up' });
    expect(sent.status).toBe(303);
    const [row] = await world.ask<{ to_version: number; actor: string; reason: string }>(
      sql`select to_version, actor, reason from catalog_applies order by number desc limit 1`,
    );
    expect(row).toMatchObject({ actor: 'user:siti', reason: 'the rent of the hall went up' });
    expect(row?.to_version).not.toBe(before);
    expect(seen((await siti.get('/plans/diff')).text)).toContain('There is nothing to do.');
  });

  test('that was edited after it was shown is not put in force, and whoever tried is told', async () => {
    const form = hidden((await siti.get('/plans/apply')).text);
    writeFileSync(file, plainCatalog.replace('amount: 25000,', 'amount: 90000,'));
    const sent = await siti.send('/plans/apply', '/plans/apply', { ...form, reason: 'the rent of the hall went up' });
    expect([sent.status, seen(sent.text)]).toEqual([
      409,
      expect.stringContaining('Nothing was done: it changed while you decided.'),
    ]);
    expect(await world.ask(sql`select 1 from catalog_applies where actor = 'user:siti'`)).toEqual([]);
  });
});
