import { sql } from 'drizzle-orm';
import { beforeEach, expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { readCatalog } from '../../src/infra/catalog-file/catalog-file.ts';
import { catalogsOf } from '../../src/infra/catalog-file/catalogs.ts';
import { storeCatalog } from '../../src/infra/tables/catalog/catalog-versions.ts';
import { declined, succeeded, unknown } from '../support/scripted-gateway.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, db, gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

/** A daemon that was started with a newer catalog, which says this of cards and no longer has the plan. */
async function withCards(said: string): Promise<Context> {
  const source = plainCatalog
    .replace('defaults:\n', `defaults:\n  cards: ${said}\n`)
    .replace('  monthly:', '  renamed:');
  const read = readCatalog(source, 'catalog.yaml');
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  const version = await storeCatalog(db, read.catalog.digest, source, world.now());
  return { ...ctx, catalog: catalogsOf(db, { ...read.catalog, version }) };
}

function cardsSaid(): readonly object[] {
  return gateway.sent.map(({ body }) => (JSON.parse(body) as { readonly cards: object }).cards);
}

test('who mends what Xendit refuses of cards mends it for charges that are open already, and for plans that are gone', async () => {
  const id = await world.onboard('order-1');
  gateway.script(declined('INSUFFICIENT_BALANCE'), succeeded());
  await world.work();
  const daemon = await withCards('{ transaction_sequence: false, statement_descriptor: ACME BILLING }');
  world.moveTo('2026-02-01T02:00:00Z');
  await world.workAs(daemon);
  expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  expect(cardsSaid()).toMatchObject([
    { transactionSequence: true, returnUrls: true, statementDescriptor: null },
    { transactionSequence: false, returnUrls: true, statementDescriptor: 'ACME BILLING' },
  ]);
});

test('an attempt that was written under other words repeats its own', async () => {
  const id = await world.onboard('order-1');
  gateway.script(unknown(), succeeded());
  await world.work();
  const daemon = await withCards('{ transaction_sequence: false }');
  world.moveTo('2026-01-31T02:06:00Z');
  await world.workAs(daemon);
  expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  const [first, second] = gateway.sent;
  expect(second?.body).toBe(first?.body);
  expect(cardsSaid()).toMatchObject([{ transactionSequence: true }, { transactionSequence: true }]);
});

test('return URLs that were taken before their length was looked at give way to those of the plan', async () => {
  const long = `https://a.example/${'x'.repeat(300)}`;
  await world.onboard('order-1');
  await world.ask(sql`update subscriptions set success_return_url = ${long}`);
  await world.work();
  const ofPlan = { success: 'https://example.com/thanks', cancel: 'https://example.com/pay' };
  expect(gateway.sent.map(({ body }) => JSON.parse(body) as object)).toMatchObject([{ returnUrls: ofPlan }]);
});
