import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { chargeStory } from '../../src/entry/cli/charge-story.ts';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import { listOwedNotices } from '../../src/flows/edits/owed-notices.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { changeTerms } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { recordNotice } from '../../src/flows/subscriptions/notices/record-notice.ts';
import { pauseSubscription, resumeSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { recordConsent } from '../../src/flows/subscriptions/record-consent.ts';
import { listUpcoming } from '../../src/flows/views/upcoming.ts';
import { chainOf } from '../../src/infra/tables/books/ledger.ts';
import { adminKey, apiOver } from '../support/api.ts';
import { applied } from '../support/applied-catalog.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-09-01T02:00:00Z';
type Says = { readonly price: number; readonly silence?: string; readonly more?: string; readonly consent?: string };
const plan = (id: string, { price, silence = 'old_price', more = '', consent = 'opt_in' }: Says) => `  ${id}:
    name: ${id}
    price: { amount: ${price}, currency: IDR }
    interval: 1 month
    price_change: next_cycle
    notice: { before: 14 days, consent: ${consent}${consent === 'opt_in' ? `, silence: ${silence}` : ''} }
    ${more}
`;
const catalog = (says: Says) => `defaults:
  country: ID
  time_zone: Asia/Jakarta
  return_urls: { success: https://example.com/thanks, cancel: https://example.com/pay }
plans:
${plan('pro', says)}${plan('team', { price: 500_000 })}coupons:
  HALF: { percent: 50, cycles: for_ever }
`;
const world = await testWorld({ at: START, catalog: catalog({ price: 150_000 }) });
const { ctx } = world;
const api = await apiOver(ctx);
let id: string;
let version: number;

/** Siti has the plan since 1 September for 150,000, and it costs 175,000 now. */
async function raised(silence = 'old_price', more = {}) {
  await world.startOver(START);
  await applied(world, catalog({ price: 150_000 }));
  id = await world.onboard('order-1', 'pro', more);
  await world.work();
  version = await applied(world, catalog({ price: 175_000, silence }));
}
beforeEach(() => raised());

const told = async (sentAt = START) =>
  await recordNotice(ctx, id, {
    kind: 'price_change',
    channel: 'email',
    evidence: null,
    actor: 'siti',
    subject: String(version),
    sentAt: Temporal.Instant.from(sentAt),
  });
const says = async (answer: 'given' | 'refused', more: { readonly subject?: string } = {}) =>
  await recordConsent(ctx, id, { what: 'price', answer, evidence: 'click 4711', actor: 'siti', ...more });
const upcoming = async () => ((await listUpcoming(ctx, id, 3)) ?? []).map(({ cycle, amount }) => `${cycle} ${amount}`);
const charged = async () =>
  (await world.charges(id))
    .toSorted((a, b) => (a.cycle ?? 0) - (b.cycle ?? 0))
    .map(({ cycle, amount }) => `${cycle} ${amount}`);
const kinds = async () => await world.told(id);
const sound = async () => expect((await checkInvariants(ctx)).filter((one) => one.broken > 0)).toEqual([]);
const whyOf = async (kind: string) => {
  const chain = await chainOf(world.db, Number.parseInt(id.slice(-2), 16), id);
  return chain.findLast((entry) => entry.kind === kind)?.why;
};

describe('a higher price, where the plan asks for consent', () => {
  test.each([
    { at: '2026-10-01T01:59:59Z', from: 1, when: 'before the cycle falls due' },
    { at: '2026-10-01T02:00:00Z', from: 2, when: 'and when it falls due the old price once more' },
  ])('is charged once consent is given, $when', async ({ at, from }) => {
    await told();
    expect(await upcoming()).toEqual(['1 150000', '2 150000', '3 150000']);
    await world.liveUntil(at);
    expect(await says('given')).toMatchObject({ kind: 'recorded', consent: { subject: String(version) } });
    const price = (cycle: number) => `${cycle} ${cycle < from ? 150_000 : 175_000}`;
    expect(await upcoming()).toEqual([from, from + 1, from + 2].map(price));
    await world.liveUntil('2026-12-15T02:00:00Z');
    expect(await charged()).toEqual([0, 1, 2, 3].map(price));
    await sound();
  });

  test('shows where it comes from with the charge, and what its customer was told and answered', async () => {
    await told();
    await says('given');
    await world.liveUntil('2026-10-02T02:00:00Z');
    expect((await world.charge(id, 1)).price).toEqual({
      catalog_version: version,
      unit_amount: 175_000,
      origin: 'repriced',
      from_cycle: 1,
      notice: {
        subject: String(version),
        sent_at: START,
        channel: 'email',
        evidence: null,
        recorded_at: START,
        actor: 'siti',
      },
      consent: {
        answer: 'given',
        subject: String(version),
        evidence: 'click 4711',
        answered_at: START,
        actor: 'siti',
      },
    });
    const story = chargeStory(await world.charge(id, 1)).split('\n');
    expect(story).toContain(
      `Its price is IDR 175,000 of catalog version ${version}, from cycle 1 on, a newer price of its plan.`,
    );
    expect(story).toContain('   told              2026-09-01 09:00, by email; written down by siti');
    expect(story).toContain('   consent given     2026-09-01 09:00 (click 4711); written down by siti');
    const first = await world.charge(id, 0);
    expect(first.price).toMatchObject({ origin: 'created', unit_amount: 150_000, notice: null, consent: null });
    expect(chargeStory(first)).not.toContain('Its price');
  });

  test('waits for the days of its notice all the same', async () => {
    await told('2026-09-01T02:00:00Z');
    await says('given');
    await applied(world, catalog({ price: 190_000 }));
    expect(await upcoming()).toEqual(['1 150000', '2 150000', '3 150000']);
    world.moveTo('2026-09-20T02:00:00Z');
    version += 1;
    await told('2026-09-20T02:00:00Z');
    await says('given');
    expect(await upcoming()).toEqual(['1 150000', '2 190000', '3 190000']);
  });

  test.each(['silent', 'refused'] as const)(
    'is not charged to a customer who was %s: they keep the old one',
    async (how) => {
      await told();
      if (how === 'refused') await says('refused');
      await world.liveUntil('2026-12-15T02:00:00Z');
      expect(await charged()).toEqual(['0 150000', '1 150000', '2 150000', '3 150000']);
      const silences = (await kinds()).filter((kind) => kind === 'subscription.consent_silence');
      expect(silences).toHaveLength(how === 'silent' ? 1 : 0);
      await sound();
    },
  );

  test('is charged from the next cycle on to a customer who agrees after their silence', async () => {
    await told();
    await world.liveUntil('2026-10-15T02:00:00Z');
    expect(await kinds()).toContain('subscription.consent_silence');
    expect(await says('given')).toMatchObject({ kind: 'recorded' });
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await charged()).toEqual(['0 150000', '1 150000', '2 175000']);
  });

  test('is no other price: consent to it counts for exactly that one', async () => {
    await told();
    await says('given');
    await applied(world, catalog({ price: 180_000 }));
    expect(await upcoming()).toEqual(['1 150000', '2 150000', '3 150000']);
    await applied(world, catalog({ price: 175_000, more: 'missed_cycles: all' }));
    expect(await upcoming()).toEqual(['1 175000', '2 175000', '3 175000']);
  });

  test('that is lowered below what is paid after its notice is charged as it is, and one between needs its own', async () => {
    await told();
    await says('given');
    await applied(world, catalog({ price: 160_000 }));
    expect(await upcoming()).toEqual(['1 150000', '2 150000', '3 150000']);
    await applied(world, catalog({ price: 140_000 }));
    expect(await upcoming()).toEqual(['1 140000', '2 140000', '3 140000']);
  });

  test('is not asked of a price of their own, nor after a change to the plan as it is sold today', async () => {
    await changeTerms(ctx, id, { body: { plan: 'team', when: 'period_end' }, reason: null, actor: 'siti' });
    await told();
    await world.liveUntil('2026-10-02T02:00:00Z');
    expect(await charged()).toEqual(['0 150000', '1 500000']);
    expect(await kinds()).not.toContain('subscription.consent_silence');
    expect(await says('given')).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('asked about no price'),
    });
  });

  test('is agreed to after a refusal by a change to the plan as it is sold today', async () => {
    await told();
    await says('refused');
    const body = { plan: 'pro', when: 'period_end' as const };
    expect(await changeTerms(ctx, id, { body, reason: null, actor: 'siti' })).toMatchObject({ kind: 'changed' });
    await world.liveUntil('2026-10-02T02:00:00Z');
    expect(await charged()).toEqual(['0 150000', '1 175000']);
  });

  test('is taken off by a coupon as the old one was', async () => {
    await raised('old_price', { coupon: 'HALF' });
    await told();
    await says('given');
    await world.liveUntil('2026-10-02T02:00:00Z');
    expect(await charged()).toEqual(['0 75000', '1 87500']);
  });

  test('lies behind a pause: who said nothing in it is asked by the cycle that fell due in it', async () => {
    await told();
    await pauseSubscription(ctx, id, { actor: 'siti' });
    await world.liveUntil('2026-10-15T02:00:00Z');
    await resumeSubscription(ctx, id, { actor: 'siti' });
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await charged()).toEqual(['0 150000', '1 150000', '2 150000']);
    expect((await kinds()).filter((kind) => kind === 'subscription.consent_silence')).toHaveLength(1);
  });
});

describe('where silence lets a customer go', () => {
  beforeEach(() => raised('cancel'));

  test.each(['silent', 'refused'] as const)(
    '%s: the subscription ends before the first cycle at the price, and says why',
    async (how) => {
      await told('2026-09-01T02:00:00Z');
      if (how === 'refused') await says('refused');
      expect(await upcoming()).toEqual([]);
      await world.liveUntil('2026-10-01T01:59:59Z');
      expect(await world.subscription(id)).toMatchObject({ status: 'active' });
      await world.liveUntil('2026-11-15T02:00:00Z');
      expect(await world.subscription(id)).toMatchObject({ status: 'canceled', next_charge_at: null });
      expect(await charged()).toEqual(['0 150000']);
      const said = how === 'refused' ? 'refused the price' : 'did not agree in time to the price';
      expect(await whyOf('subscription.canceled')).toContain(`${said} of pro in catalog version ${version}`);
      expect((await kinds()).includes('subscription.consent_silence')).toBe(how === 'silent');
      await sound();
    },
  );

  test('the cycles until then are charged the old price', async () => {
    world.moveTo('2026-09-20T02:00:00Z');
    await told('2026-09-20T02:00:00Z');
    expect(await upcoming()).toEqual(['1 150000']);
    await world.liveUntil('2026-12-15T02:00:00Z');
    expect(await charged()).toEqual(['0 150000', '1 150000']);
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled' });
  });

  test('so it is after an outage over the cycle too, and consent that comes after it fell due is refused', async () => {
    await told();
    world.moveTo('2026-10-01T02:00:00Z');
    expect(await says('given')).toMatchObject({ kind: 'refused', detail: expect.stringContaining('is canceled') });
    expect(await charged()).toEqual(['0 150000']);
  });

  test('who agrees in time stays', async () => {
    await told();
    world.moveTo('2026-10-01T01:59:59Z');
    await says('given');
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await charged()).toEqual(['0 150000', '1 175000', '2 175000']);
  });

  test('who was not told is not let go, nor who was told when silence kept the old price', async () => {
    expect(await upcoming()).toEqual(['1 150000', '2 150000', '3 150000']);
    await raised('old_price');
    await told();
    await applied(world, catalog({ price: 175_000, silence: 'cancel' }));
    expect(await upcoming()).toEqual(['1 150000', '2 150000', '3 150000']);
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
  });

  test('who changes to another plan for that cycle stays', async () => {
    await told();
    await changeTerms(ctx, id, { body: { plan: 'team', when: 'period_end' }, reason: null, actor: 'siti' });
    expect(await upcoming()).toEqual(['1 500000', '2 500000', '3 500000']);
    await world.liveUntil('2026-10-02T02:00:00Z');
    expect(await charged()).toEqual(['0 150000', '1 500000']);
  });

  test('and who changes on a day before the cycle that would decide', async () => {
    world.moveTo('2026-09-20T02:00:00Z');
    await told('2026-09-20T02:00:00Z');
    const when = Temporal.PlainDate.from('2026-11-01');
    await changeTerms(ctx, id, { body: { plan: 'team', when: when.toString() }, reason: null, actor: 'siti' });
    expect(await upcoming()).toEqual(['1 150000', '2 500000', '3 500000']);
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await charged()).toEqual(['0 150000', '1 150000', '2 500000']);
  });

  test('who cancels by themselves leaves by their own reason', async () => {
    await told();
    await cancelSubscription(ctx, id, { at: 'period_end', reason: 'moves away', actor: 'siti' });
    await world.liveUntil('2026-10-02T02:00:00Z');
    expect(await whyOf('subscription.canceled')).toBe('moves away');
    expect(await kinds()).not.toContain('subscription.consent_silence');
  });

  test('a pause whose calendar stands still puts the moment off with it', async () => {
    await told();
    await pauseSubscription(ctx, id, { cycles: 'shift', actor: 'siti' });
    await world.liveUntil('2026-11-15T02:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'paused' });
    await resumeSubscription(ctx, id, { actor: 'siti' });
    await world.liveUntil('2027-01-15T02:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled' });
    expect(await charged()).toEqual(['0 150000']);
  });
});

describe('an answer that cannot be taken', () => {
  test('is one to a price that was not told, twice, the other way round, of another version, or after the end', async () => {
    const refusal = async (answer: 'given' | 'refused') => await says(answer);
    expect(await refusal('given')).toMatchObject({ kind: 'refused', detail: expect.stringContaining('was not told') });
    await told();
    expect(await says('given', { subject: '999' })).toMatchObject({ kind: 'invalid', faults: [{ field: 'subject' }] });
    await says('given', { subject: String(version) });
    const known = { kind: 'refused', detail: expect.stringContaining('is recorded already: given') };
    expect(await refusal('given')).toMatchObject(known);
    expect(await refusal('refused')).toMatchObject(known);
    await cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'siti' });
    expect(await refusal('given')).toMatchObject({ kind: 'refused', detail: expect.stringContaining('is canceled') });
    expect(await world.ask(sql`select answer from consents`)).toEqual([{ answer: 'given' }]);
  });

  test('is one after a refusal', async () => {
    await told();
    await says('refused');
    expect(await says('given')).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('is recorded already: refused'),
    });
  });

  test('is one that nobody asked for: a notice is enough, or the price is not higher', async () => {
    version = await applied(world, catalog({ price: 176_000, consent: 'notice' }));
    await told();
    expect(await says('given')).toMatchObject({ kind: 'refused', detail: expect.stringContaining('about no price') });
  });

  test('over HTTP is 400 by its field, or 409 with the state', async () => {
    const path = `/v1/subscriptions/${id}/consents`;
    const consent = { what: 'price', answer: 'given', evidence: 'click 4711' };
    expect((await api.post(path, consent, adminKey)).status).toBe(409);
    await told();
    const bad = await api.post(path, { ...consent, what: 'extra', subject: '1' }, adminKey);
    expect(bad).toMatchObject({ status: 400, body: { errors: [{ field: 'subject' }] } });
    const good = await api.post(path, consent, adminKey);
    expect(good).toMatchObject({ status: 201, body: { ...consent, subject: String(version), number: 1 } });
    expect((await api.post(path, consent, adminKey)).status).toBe(409);
  });

  test('is none of those who owe a notice: who was told and is asked is not listed again', async () => {
    expect((await listOwedNotices(ctx, null, 10)).data).toMatchObject([{ consent: 'opt_in' }]);
    await told();
    expect((await listOwedNotices(ctx, null, 10)).data).toEqual([]);
    await applied(world, catalog({ price: 175_000, more: 'missed_cycles: all' }));
    expect((await listOwedNotices(ctx, null, 10)).data).toEqual([]);
  });
});
