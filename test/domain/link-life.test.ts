import { describe, expect, test } from 'vitest';
import { linkEnd, parseLinkLife } from '../../src/domain/catalog/link-life.ts';

describe('how long a link is good', () => {
  test.each([
    ['10 minutes', 10],
    ['1 hour', 60],
    ['2 hours', 120],
    ['1 day', 1_440],
    ['24 hours', 1_440],
    ['2 weeks', 20_160],
    ['366 days', 527_040],
  ])('%s', (text, minutes) => {
    expect(parseLinkLife(text)).toBe(minutes);
  });

  test.each([
    ['9 minutes', 'at least 10 minutes'],
    ['0 hours', 'at least 10 minutes'],
    ['600 seconds', 'such as "2 hours"'],
    ['1 month', 'such as "2 hours"'],
    ['2h', 'such as "2 hours"'],
    ['-2 hours', 'such as "2 hours"'],
    ['constructor', 'such as "2 hours"'],
    ['367 days', 'at most 366 days'],
  ])('is not said by %s', (text, fault) => {
    expect(parseLinkLife(text)).toEqual({ fault: expect.stringContaining(fault) });
  });

  test('the shortest one has the way to Xendit added: it counts from when the request arrives', () => {
    const now = Temporal.Instant.from('2026-01-31T02:00:00Z');
    expect(linkEnd(10, now).toString()).toBe('2026-01-31T02:11:00Z');
    expect(linkEnd(120, now).toString()).toBe('2026-01-31T04:00:00Z');
  });
});
