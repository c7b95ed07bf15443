import { describe, expect, it } from 'vitest';
import { type FirstAttempts, successRates } from '../../src/domain/books/success-rates.ts';

const tried = (channel: string, declined: string | null, attempts: number, collected = attempts, decided = attempts) =>
  ({ channel, declined, attempts, decided, collected }) satisfies FirstAttempts;
const shown = (all: readonly FirstAttempts[], channel: string) =>
  successRates(all, channel).map(({ declined, attempts, succeeded, millionths, basis }) => [
    declined,
    attempts,
    succeeded,
    millionths,
    basis,
  ]);

describe('the rate of a channel', () => {
  it('is what succeeded at once, and of each class what was collected later', () => {
    const all = [tried('CARDS', null, 900), tried('CARDS', 'funds', 60, 30), tried('CARDS', 'soft', 40, 10)];
    expect(shown(all, 'CARDS')).toEqual([
      [null, 1000, 900, 940_000, 'recorded'],
      ['funds', 60, 30, 500_000, 'recorded'],
      ['soft', 40, 10, 250_000, 'recorded'],
    ]);
  });

  it('counts those whose end is open as the decided ones of their class end', () => {
    const all = [tried('CARDS', null, 900), tried('CARDS', 'funds', 100, 30, 60)];
    expect(shown(all, 'CARDS')).toEqual([
      [null, 1000, 900, 950_000, 'recorded'],
      ['funds', 60, 30, 500_000, 'recorded'],
    ]);
  });

  it('adds up what was read in several parts', () => {
    const all = [tried('CARDS', null, 60), tried('CARDS', null, 39), tried('CARDS', 'funds', 1, 1)];
    expect(shown(all, 'CARDS')[0]).toEqual([null, 100, 99, 990_000, 'recorded']);
  });

  it('of one with fewer than 100 first attempts is that of all channels together', () => {
    const all = [
      tried('CARDS', null, 80),
      tried('CARDS', 'funds', 20, 10),
      tried('OVO', null, 1),
      tried('OVO', 'soft', 98, 0),
    ];
    expect(shown(all, 'OVO')[0]).toEqual([null, 99, 1, Math.round((1_000_000 * (81 + 10)) / 199), 'all_channels']);
    expect(shown(all, 'CARDS')[0]).toEqual([null, 100, 80, 900_000, 'recorded']);
    expect(shown(all, 'DANA')[0]).toEqual([null, 0, 0, Math.round((1_000_000 * (81 + 10)) / 199), 'all_channels']);
  });

  it('where all have too few counts each as paid, and says so', () => {
    expect(shown([tried('CARDS', null, 50), tried('OVO', 'funds', 49, 0)], 'CARDS')).toEqual([
      [null, 50, 50, 1_000_000, 'default'],
    ]);
    expect(shown([], 'CARDS')).toEqual([[null, 0, 0, 1_000_000, 'default']]);
  });

  it('takes a class that the channel saw too seldom from all channels, and one that all did as lost', () => {
    const all = [
      tried('CARDS', null, 175),
      tried('CARDS', 'funds', 6, 6),
      tried('OVO', 'funds', 14, 4),
      tried('CARDS', 'dead', 19, 19),
    ];
    expect(shown(all, 'CARDS')).toEqual([
      [null, 200, 175, 875_000 + 15_000, 'recorded'],
      ['dead', 19, 19, 0, 'default'],
      ['funds', 6, 6, 500_000, 'all_channels'],
    ]);
  });
});
