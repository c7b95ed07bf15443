import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultNetworkLimits, type NetworkLimit, networkDelay } from '../../src/domain/declines/network-limits.ts';

const now = Temporal.Instant.from('2026-03-31T02:00:00Z');
const hoursAgo = (hours: number) => now.subtract({ hours });
const daily = (count: number) => Array.from({ length: count }, (_, i) => hoursAgo(24 * (i + 1) - 1));
const allowed = (network: string | null, declines: readonly Temporal.Instant[]) =>
  networkDelay(defaultNetworkLimits, network, declines, now);

describe('the first try is no reattempt: one more decline than reattempts is what stops us', () => {
  test.each<[string | null, number, boolean]>([
    ['VISA', 0, true],
    ['VISA', 15, true],
    ['VISA', 16, false],
    ['MASTERCARD', 29, true],
    ['JCB', 4, true],
    ['JCB', 5, false],
    [null, 4, true],
    [null, 5, false],
    ['visa', 15, true],
    ['visa', 16, false],
  ])('%s after %i declines in 30 days: %s', (network, declines, answer) => {
    expect(allowed(network, daily(declines))).toMatchObject({ allowed: answer, counted: declines });
  });

  test('Mastercard is counted over a day and over thirty', () => {
    const today = Array.from({ length: 9 }, (_, i) => hoursAgo(i + 1));
    expect(allowed('MASTERCARD', today.slice(1))).toEqual({ allowed: true, counted: 8 });
    expect(allowed('MASTERCARD', today)).toMatchObject({ allowed: false, counted: 9, limit: { windowHours: 24 } });
  });
});

describe('when it stops us, it says until when', () => {
  const limit: NetworkLimit = { network: '*', reattempts: 1, windowHours: 48 };

  test('until so many declines have left the window that one more fits', () => {
    const declines = [hoursAgo(5), hoursAgo(40), hoursAgo(10)];
    expect(networkDelay([limit], null, declines, now)).toEqual({
      allowed: false,
      at: hoursAgo(10).add({ hours: 48 }),
      limit,
      counted: 3,
    });
  });

  test('a decline leaves the window at the instant at which the window is over', () => {
    const declines = [hoursAgo(48), hoursAgo(1)];
    expect(networkDelay([limit], null, declines, now)).toEqual({ allowed: true, counted: 1 });
    const before = now.subtract({ nanoseconds: 1 });
    expect(networkDelay([limit], null, declines, before)).toMatchObject({ allowed: false, at: now });
  });

  test('the limit that holds longest decides', () => {
    const hour: NetworkLimit = { network: 'VISA', reattempts: 0, windowHours: 1 };
    const day: NetworkLimit = { network: 'VISA', reattempts: 0, windowHours: 24 };
    const answer = { allowed: false, limit: day, at: now.add({ hours: 24 }) };
    expect(networkDelay([hour, day], 'VISA', [now], now)).toMatchObject(answer);
    expect(networkDelay([day, hour], 'VISA', [now], now)).toMatchObject(answer);
  });

  test('with no reattempts allowed, one decline closes the window', () => {
    const never: NetworkLimit = { network: '*', reattempts: 0, windowHours: 24 };
    expect(networkDelay([never], 'JCB', [], now)).toEqual({ allowed: true, counted: 0 });
    expect(networkDelay([never], 'JCB', [hoursAgo(23)], now)).toMatchObject({ at: now.add({ hours: 1 }) });
  });
});

test('a network with limits of its own is not held to those of all others', () => {
  expect(allowed('VISA', daily(10)).allowed).toBe(true);
});

test('where nothing is limited nothing is delayed', () => {
  expect(networkDelay([], 'VISA', daily(30), now)).toEqual({ allowed: true, counted: 0 });
});

test('what ships stays below what the networks publish', () => {
  const published = { VISA: { 720: 20 }, MASTERCARD: { 24: 10, 720: 35 } };
  for (const [network, windows] of Object.entries(published)) {
    for (const [hours, most] of Object.entries(windows)) {
      const ours = defaultNetworkLimits.find((one) => one.network === network && one.windowHours === Number(hours));
      expect(ours?.reattempts).toBeLessThan(most);
    }
  }
});

test('at the instant it names one attempt is allowed, and just before it none', () => {
  const limits: fc.Arbitrary<NetworkLimit[]> = fc.array(
    fc.record({
      network: fc.constantFrom('VISA', '*'),
      reattempts: fc.integer({ min: 0, max: 5 }),
      windowHours: fc.integer({ min: 1, max: 100 }),
    }),
    { maxLength: 3 },
  );
  const declines = fc.array(fc.integer({ min: 0, max: 120 }).map(hoursAgo), { maxLength: 12 });
  fc.assert(
    fc.property(limits, declines, (some, declinedAt) => {
      const delay = networkDelay(some, 'VISA', declinedAt, now);
      if (delay.allowed) return;
      expect(Temporal.Instant.compare(delay.at, now)).toBe(1);
      expect(networkDelay(some, 'VISA', declinedAt, delay.at).allowed).toBe(true);
      expect(networkDelay(some, 'VISA', declinedAt, delay.at.subtract({ nanoseconds: 1 })).allowed).toBe(false);
    }),
  );
});
