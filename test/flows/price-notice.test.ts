import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import { diffCatalog } from '../../src/flows/edits/diff-catalog.ts';
import { listOwedNotices } from '../../src/flows/edits/owed-notices.ts';
import { recordNotice } from '../../src/flows/subscriptions/notices/record-notice.ts';
import { listUpcoming } from '../../src/flows/views/upcoming.ts';
import { chainOf } from '../../src/infra/tables/books/ledger.ts';
import { adminKey, apiOver } from '../support/api.ts';
import { applied } from '../support/applied-catalog.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-09-01T02:00:00Z';
const catalog = (price: number, more = '', interval = '1 month') => `defaults:
  country: ID
  time_zone: Asia/Jakarta
  return_urls: { success: https://example.com/thanks, cancel: https://example.com/pay }
plans:
  pro:
    name: Pro
    price: { amount: ${price}, currency: IDR }
    interval: ${interval}
    price_change: next_cycle
    notice: { before: 14 days, consent: notice }
    ${more}
`;
const world = await testWorld({ at: START, catalog: catalog(150_000) });
const { ctx } = world;
const api = await apiOver(ctx);
let version: number;
let id: string;

beforeEach(async () => {
  await world.startOver(START);
  await applied(world, catalog(150_000));
  id = await world.onboard('order-1', 'pro');
  await world.work();
  version = await applied(world, catalog(175_000));
});

const told = async (sentAt: string, subject = String(version)) =>
  await recordNotice(ctx, id, {
    kind: 'price_change',
    subject,
    sentAt: Temporal.Instant.from(sentAt),
    channel: 'email',
    evidence: 'mailing 4711',
    actor: 'siti',
  });
const upcoming = async () => ((await listUpcoming(ctx, id, 3)) ?? []).map(({ cycle, amount }) => `${cycle} ${amount}`);
const charged = async () =>
  (await world.charges(id))
    .toSorted((a, b) => (a.cycle ?? 0) - (b.cycle ?? 0))
    .map(({ cycle, amount }) => `${cycle} ${amount}`);
const owed = async () => (await listOwedNotices(ctx, null, 100)).data;

describe('a higher price, where the plan asks for a notice', () => {
  test('is not charged before its notice is recorded, however long that takes', async () => {
    expect(await upcoming()).toEqual(['1 150000', '2 150000', '3 150000']);
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await charged()).toEqual(['0 150000', '1 150000', '2 150000']);
    expect(await world.told(id)).not.toContain('subscription.changed');
  });

  test.each([
    { sentAt: '2026-09-17T02:00:00Z', from: 1, when: 'as soon as the days are over' },
    { sentAt: '2026-09-17T02:00:01Z', from: 2, when: 'and one second earlier the old price' },
  ])('is charged $when: sent at $sentAt', async ({ sentAt, from }) => {
    world.moveTo('2026-09-18T02:00:00Z');
    expect(await told(sentAt)).toMatchObject({ kind: 'recorded' });
    const price = (cycle: number) => `${cycle} ${cycle < from ? 150_000 : 175_000}`;
    expect(await upcoming()).toEqual([1, 2, 3].map(price));
    await world.liveUntil('2026-12-15T02:00:00Z');
    expect(await charged()).toEqual([0, 1, 2, 3].map(price));
    expect((await checkInvariants(ctx)).filter((one) => one.broken > 0)).toEqual([]);
  });

  test('is not charged for a cycle that fell due before its notice stood in the books, however late that is opened', async () => {
    world.moveTo('2026-10-01T03:00:00Z');
    await told('2026-09-10T02:00:00Z');
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await charged()).toEqual(['0 150000', '1 150000', '2 175000']);
  });

  test('is told of with its evidence, once', async () => {
    expect(await told(START)).toMatchObject({ kind: 'recorded' });
    expect(await told(START)).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('is recorded already'),
    });
    const entries = (await chainOf(world.db, Number.parseInt(id.slice(-2), 16), id)).filter(
      ({ kind }) => kind === 'notice.sent',
    );
    expect(entries.map(({ detail }) => JSON.parse(String(detail)) as unknown)).toEqual([
      { kind: 'price_change', subject: String(version), sent_at: START, channel: 'email', evidence: 'mailing 4711' },
    ]);
  });

  test('needs no second notice where another edit leaves the price as they were told it, and one where it does not', async () => {
    await told(START);
    await applied(world, catalog(175_000, 'missed_cycles: all'));
    expect(await upcoming()).toEqual(['1 175000', '2 175000', '3 175000']);
    expect(await owed()).toEqual([]);
    await applied(world, catalog(190_000));
    expect(await upcoming()).toEqual(['1 150000', '2 150000', '3 150000']);
    expect(await owed()).toMatchObject([{ amount_after: 190_000 }]);
  });

  test('and a lower one needs none', async () => {
    await applied(world, catalog(120_000));
    expect(await upcoming()).toEqual(['1 120000', '2 120000', '3 120000']);
    expect(await owed()).toEqual([]);
  });

  test('as a shorter interval is: the month costs more, though each charge is lower', async () => {
    await applied(world, catalog(50_000, '', '1 week'));
    expect(await upcoming()).toEqual(['1 150000', '2 150000', '3 150000']);
  });

  test('is refused for a version that is not in force, and for a notice that is only to be sent', async () => {
    expect(await told(START, '999')).toMatchObject({ kind: 'invalid', faults: [{ field: 'subject' }] });
    expect(await told('2026-09-01T02:00:01Z')).toMatchObject({ kind: 'invalid', faults: [{ field: 'sent_at' }] });
  });

  test('is listed with those who are to be told, until they were', async () => {
    expect(await owed()).toEqual([
      {
        kind: 'price_change',
        subject: String(version),
        subscription: id,
        reference_id: 'order-1',
        customer: 'customer-order-1',
        plan: 'pro',
        before_days: 14,
        consent: 'notice',
        amount_before: 150_000,
        amount_after: 175_000,
        currency: 'IDR',
      },
    ]);
    await told(START);
    expect(await owed()).toEqual([]);
  });

  test('is listed of the others where the rows of one cannot be worked with', async () => {
    const other = await world.onboard('order-2', 'pro');
    await world.ask(sql`update subscriptions set catalog_version = (select catalog_version from subscriptions where id = ${id}::uuid),
      amount = 150000, time_zone = case when id = ${id}::uuid then 'Mars/Base' else time_zone end`);
    expect((await owed()).map(({ subscription }) => subscription)).toEqual([other]);
    expect(world.logged.map(({ event }) => event)).toContain('subscription cannot be worked with');
  });

  test('shows in a diff what is charged once the notices are sent, and how many are owed', async () => {
    const diffed = await diffCatalog(ctx, { name: 'catalog.yaml', text: catalog(200_000) });
    if (diffed.kind !== 'shown') throw new Error(diffed.kind);
    const [plan] = diffed.diff.plans;
    expect(plan).toMatchObject({ subscriptions: 1, notices_owed: 1, consents_owed: 0 });
    expect(plan?.examples[0]?.after.map(({ amount }) => amount)).toEqual([200_000, 200_000, 200_000]);
  });
});

describe('over HTTP', () => {
  const notice = { kind: 'price_change', sent_at: START, channel: 'email' };

  test('a notice is recorded, refused a second time, and named by its bad fields', async () => {
    const path = `/v1/subscriptions/${id}/notices`;
    const bad = await api.post(path, { ...notice, subject: '999', sent_at: 'yesterday' }, adminKey);
    expect(bad).toMatchObject({ status: 400, body: { errors: [{ field: 'sent_at' }] } });
    const other = await api.post(path, { ...notice, subject: '999' }, adminKey);
    expect(other).toMatchObject({ status: 400, body: { errors: [{ field: 'subject' }] } });
    const good = { ...notice, subject: String(version), evidence: 'mailing 4711' };
    expect(await api.post(path, good, adminKey)).toMatchObject({ status: 201, body: { ...good, recorded_at: START } });
    expect((await api.post(path, good, adminKey)).status).toBe(409);
    const nobody = '019a0000-0000-7000-8000-000000000001';
    expect((await api.post(`/v1/subscriptions/${nobody}/notices`, good, adminKey)).status).toBe(404);
  });

  test('what is owed is a list, page by page', async () => {
    await world.onboard('order-2', 'pro');
    const { status, body } = await api.get('/v1/notices?owed=true&limit=1', adminKey);
    expect([status, body.data.length]).toEqual([200, 1]);
    expect((await api.get('/v1/notices', adminKey)).status).toBe(400);
  });
});
