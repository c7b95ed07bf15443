import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { showVersion } from '../../src/flows/catalog/show-catalog.ts';
import { putInForce, storeCatalog, versionInForce } from '../../src/infra/tables/catalog/catalog-versions.ts';
import { adminKey, apiOver } from '../support/api.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const api = await apiOver(world.ctx);
const edited = plainCatalog.replace('amount: 150000', 'amount: 175000');
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');

beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

async function apply(source: string, reason: string | null = null): Promise<number> {
  const to = await storeCatalog(world.db, digestOf(source), source, world.now());
  const from = (await versionInForce(world.db))?.version ?? null;
  await putInForce(world.db, { from, to, shown: null, actor: 'cli:siti', reason, at: world.now() });
  return to;
}

describe('GET /v1/catalog', () => {
  test('is what a price page is made from: each plan with its price, its rhythm and the words that customers agree to', async () => {
    const version = await apply(plainCatalog);
    const { status, body } = await api.get('/v1/catalog', adminKey);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      version,
      digest: digestOf(plainCatalog),
      since: '2026-01-31T02:00:00Z',
      applied_by: 'cli:siti',
    });
    expect(body.plans[0]).toMatchObject({
      plan: 'monthly',
      amount: 150_000,
      currency: 'IDR',
      interval: '1 month',
      trial: null,
      setup_fee: null,
      text: expect.stringContaining('IDR 150,000 a month, until you cancel'),
    });
  });

  test('says the new price as soon as it is in force, whichever process is asked', async () => {
    await apply(plainCatalog);
    await apply(edited);
    const { body } = await api.get('/v1/catalog', adminKey);
    expect(body.plans[0]).toMatchObject({ plan: 'monthly', amount: 175_000 });
  });
});

describe('GET /v1/catalog/versions', () => {
  test('says of each version when it came in force, by whom and why, the newest first', async () => {
    const first = await apply(plainCatalog);
    const second = await apply(edited, 'the rent went up');
    await apply(plainCatalog, 'taken back');
    const { body } = await api.get('/v1/catalog/versions?limit=500', adminKey);
    const [newer, older] = [second, first].map((version) =>
      body.data.find((one: { version: number }) => one.version === version),
    );
    expect(newer).toMatchObject({ in_force: false, digest: digestOf(edited) });
    expect(newer.applied).toMatchObject([
      { number: 2, from_version: first, by: 'cli:siti', reason: 'the rent went up' },
    ]);
    expect(older).toMatchObject({ in_force: true });
    expect(older.applied).toMatchObject([
      { number: 3, from_version: second, reason: 'taken back' },
      { number: 1, from_version: null, reason: null },
    ]);
  });

  test('goes page by page', async () => {
    await apply(plainCatalog);
    await apply(edited);
    const first = await api.get('/v1/catalog/versions?limit=1', adminKey);
    expect(first.body.data).toHaveLength(1);
    const second = await api.get(`/v1/catalog/versions?limit=1&cursor=${first.body.next_cursor}`, adminKey);
    expect(second.body.data[0].version).toBeLessThan(first.body.data[0].version);
  });
});

test('what a version said is readable for ever, also one that is no longer understood', async () => {
  const strange = 'plans_of_tomorrow: []\n';
  const version = await storeCatalog(world.db, digestOf(strange), strange, world.now());
  expect(await showVersion(world.ctx, version)).toMatchObject({ source: strange, plans: null });
  expect(await showVersion(world.ctx, await apply(plainCatalog))).toMatchObject({
    source: plainCatalog,
    plans: expect.arrayContaining([expect.objectContaining({ plan: 'monthly', amount: 150_000 })]),
  });
});

describe('an edit over HTTP', () => {
  const follows = plainCatalog.replace('missed_cycles: latest', 'missed_cycles: latest\n    price_change: next_cycle');
  const raised = follows.replace('amount: 150000', 'amount: 175000');
  const diff = async (text: string, key = adminKey) =>
    await api.send('POST', '/v1/catalog/diff', text, {
      'content-type': 'application/yaml',
      authorization: `Bearer ${key}`,
    });

  test('is shown, and put in force as it was shown; the same again is in force already', async () => {
    await apply(follows);
    await world.onboard('order-1', 'monthly');
    const { status, body } = await diff(raised);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      nothing_to_do: false,
      plans: [{ plan: 'monthly', subscriptions: 1, monthly_before: 150_000, monthly_after: 175_000 }],
      faults: [],
    });
    const asked = { catalog: raised, digest: body.digest, reason: 'the rent of the office went up' };
    const first = await api.post('/v1/catalog/apply', asked, adminKey);
    expect(first).toMatchObject({ status: 200, body: { applied: true } });
    const again = await api.post('/v1/catalog/apply', asked, adminKey);
    expect(again).toMatchObject({ status: 200, body: { applied: false, version: first.body.version } });
    const { body: sold } = await api.get('/v1/catalog', adminKey);
    expect(sold).toMatchObject({ version: first.body.version, applied_by: expect.stringMatching(/^api:admin/) });
  });

  test('is refused with what moved, and with every fault of its text by line and column', async () => {
    await apply(follows);
    const { body } = await diff(raised);
    const moved = await api.post('/v1/catalog/apply', { catalog: `${raised}#\n`, digest: body.digest }, adminKey);
    expect(moved).toMatchObject({ status: 409, body: { detail: expect.stringContaining('is another one') } });
    const broken = raised.replace('1 month', '1 moon').replace('1 week', '0 weeks');
    const faults = [
      { field: 'catalog', message: expect.stringMatching(/^catalog.yaml:\d+:\d+ plans.monthly.interval: /) },
      { field: 'catalog', message: expect.stringMatching(/^catalog.yaml:\d+:\d+ plans.weekly.interval: /) },
    ];
    expect(await diff(broken)).toMatchObject({ status: 400, body: { errors: faults } });
    const applying = await api.post('/v1/catalog/apply', { catalog: broken, digest: body.digest }, adminKey);
    expect(applying).toMatchObject({ status: 400, body: { errors: faults } });
  });

  test('comes as YAML in UTF-8: JSON, nothing, and other bytes are refused', async () => {
    await apply(follows);
    expect((await api.post('/v1/catalog/diff', { catalog: raised }, adminKey)).status).toBe(400);
    expect((await diff('')).status).toBe(400);
    const latin = { 'content-type': 'text/yaml; charset=latin1', authorization: `Bearer ${adminKey}` };
    expect((await api.send('POST', '/v1/catalog/diff', raised, latin)).status).toBe(415);
    const elsewhere = { 'content-type': 'application/yaml', authorization: `Bearer ${adminKey}` };
    expect((await api.send('POST', '/v1/subscriptions', raised, elsewhere)).status).toBe(415);
  });
});
