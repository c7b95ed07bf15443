import { expect, test } from 'vitest';
import { makeAgenda } from '../../src/sandbox/time/agenda.ts';
import { chargeBody, openMerchant, openSession, openStand, pending, saveMethod } from './stand.ts';

test('a still clock stands still, and says what comes next', async () => {
  const stand = await openStand();
  expect((await stand.get('/_sandbox/clock')).body).toEqual({ now: '2025-06-01T00:00:00.000Z' });
  await openSession(stand);
  expect((await stand.get('/_sandbox/clock')).body.next_event_at).toBe('2025-06-01T00:30:00.000Z');
});

test('moving does everything on the way, in order, each at its own instant', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ webhookUrl: merchant.url });
  const token = await saveMethod(stand);
  await stand.pass(0);
  merchant.received.length = 0;
  for (const seconds of [300, 100, 200]) {
    await stand.post('/_sandbox/scenarios', { do: pending('SUCCEEDED', seconds) });
    await stand.post('/v3/payment_requests', chargeBody(token, { reference_id: `after-${seconds}` }));
  }
  await openSession(stand);
  await stand.post('/_sandbox/clock', { now: '2025-06-02T00:00:00Z' });
  expect(merchant.received.map(({ body }) => [body.data.reference_id, body.created])).toEqual([
    ['after-100', '2025-06-01T00:01:40.000Z'],
    ['after-200', '2025-06-01T00:03:20.000Z'],
    ['after-300', '2025-06-01T00:05:00.000Z'],
    [expect.stringMatching(/^session-/), '2025-06-01T00:30:00.000Z'],
  ]);
});

test('the clock does not go back', async () => {
  const stand = await openStand();
  expect((await stand.post('/_sandbox/clock', { now: '2025-05-31T23:59:59Z' })).status).toBe(400);
});

test('two moves at once are done one after the other', async () => {
  const stand = await openStand();
  await Promise.all([
    stand.post('/_sandbox/clock', { now: '2025-06-03T00:00:00Z' }),
    stand.post('/_sandbox/clock', { now: '2025-06-02T00:00:00Z' }),
  ]);
  expect((await stand.get('/_sandbox/clock')).body.now).toBe('2025-06-03T00:00:00.000Z');
});

test('the system clock runs by itself and cannot be moved', async () => {
  const stand = await openStand({ clock: 'system' });
  const before = Temporal.Now.instant().round({ smallestUnit: 'millisecond', roundingMode: 'floor' });
  const { now } = (await stand.get('/_sandbox/clock')).body;
  expect(Temporal.Instant.compare(now, before)).toBeGreaterThanOrEqual(0);
  expect((await stand.post('/_sandbox/clock', { now: '2099-01-01T00:00:00Z' })).status).toBe(409);
});

test('with the system clock, what falls due is done by a timer', async () => {
  const merchant = await openMerchant();
  const stand = await openStand({ clock: 'system', webhookUrl: merchant.url });
  const token = await saveMethod(stand);
  await stand.post('/_sandbox/scenarios', { do: pending('SUCCEEDED', 0.02) });
  await stand.post('/v3/payment_requests', chargeBody(token));
  await expect.poll(() => merchant.events()).toContain('payment.capture');
});

test('the agenda is kept in order of time, then of arrival, whatever is called off', () => {
  const agenda = makeAgenda();
  const done: string[] = [];
  const times = Array.from({ length: 500 }, (_, index) => (index * 7_919) % 97);
  const entries = times.map((at, index) => agenda.add(at, () => void done.push(`${at}/${index}`)));
  for (const entry of entries.filter((_, index) => index % 5 === 0)) entry.canceled = true;
  for (let due = agenda.takeDue(200); due; due = agenda.takeDue(200)) void due.task();
  const expected = times
    .map((at, index) => ({ at, index }))
    .filter(({ index }) => index % 5 !== 0)
    .sort((a, b) => a.at - b.at || a.index - b.index)
    .map(({ at, index }) => `${at}/${index}`);
  expect(done).toEqual(expected);
});
