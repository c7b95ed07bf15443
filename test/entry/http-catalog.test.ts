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
