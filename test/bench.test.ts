import { describe, expect, test } from 'vitest';
import { median, type Round, ratioOf, verdictOf } from '../bench/verdict.ts';

const rounds = (...ratios: readonly number[]): readonly Round[] =>
  ratios.map((ratio, index) => ({
    chargesPerSecond: ratio * 1_000 * (index + 1),
    callsPerSecond: 1_000 * (index + 1),
  }));
const baseline = { ratio: 0.5, measured: '' };

describe('collecting beside bare calls', () => {
  test('is held against the baseline by ratio, so that a machine may be slow', () => {
    const slow = rounds(0.5).map((round) => ({
      chargesPerSecond: round.chargesPerSecond / 10,
      callsPerSecond: round.callsPerSecond / 10,
    }));
    expect(verdictOf(slow, baseline)).toEqual({ isSlower: false, ofBaseline: 1 });
  });

  test.each([
    ['as fast', [0.5, 0.5, 0.5], false],
    ['faster', [0.7, 0.7, 0.7], false],
    ['a tenth slower', [0.451, 0.451, 0.451], false],
    ['slower than that', [0.449, 0.449, 0.449], true],
    ['disturbed in few rounds', [0.5, 0.1, 0.5, 0.5, 0.2], false],
    ['slow in most', [0.5, 0.4, 0.4, 0.4, 0.5], true],
    ['not measured at all', [], true],
  ])('%s', (_, ratios, isSlower) => {
    expect(verdictOf(rounds(...ratios), baseline).isSlower).toBe(isSlower);
  });

  test('of many rounds is the middle one, or between the middle two', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(ratioOf(rounds(0.1, 0.9, 0.4))).toBeCloseTo(0.4);
  });
});
