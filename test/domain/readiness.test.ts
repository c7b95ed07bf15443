import { describe, expect, test } from 'vitest';
import { type Channels, whyNotReady } from '../../src/domain/control/readiness.ts';

const on = { charging: 'on', reason: null } as const;
const channel = (state: 'closed' | 'open' | 'half_open', waiting: number, inUse = false) => ({
  state,
  since: state === 'closed' ? null : '2026-02-01T02:00:00.000Z',
  why: state === 'closed' ? null : 'INVALID_MERCHANT_SETTINGS',
  waiting,
  inUse,
});

describe('a process is not ready', () => {
  test.each<[string, string | null, 'on' | 'stopped' | 'disarmed', Channels, string]>([
    ['when it ends, whatever else is', 'stopping', 'disarmed', {}, 'stopping'],
    ['when charging is stopped', null, 'stopped', {}, 'for a reason'],
    ['when it is disarmed', null, 'disarmed', {}, 'for a reason'],
    [
      'when its only channel with charges due is open, and nobody pays over another one',
      null,
      'on',
      { CARDS: channel('open', 3, true), OVO: channel('closed', 0) },
      'every channel that has charges due is stopped: CARDS (INVALID_MERCHANT_SETTINGS)',
    ],
    [
      'when all channels in use are open, whichever has charges due',
      null,
      'on',
      { CARDS: channel('open', 3, true), OVO: channel('open', 0, true) },
      'every channel that has charges due is stopped: CARDS (INVALID_MERCHANT_SETTINGS)',
    ],
  ])('%s', (_, process, charging, channels, why) => {
    const standing = { charging, reason: charging === 'on' ? null : 'for a reason' };
    expect(whyNotReady(process, standing, channels)).toBe(why);
  });
});

describe('a process is ready', () => {
  test.each<[string, Channels]>([
    ['while charging is on', {}],
    ['beside an open channel, while another one works', { CARDS: channel('open', 3), OVO: channel('closed', 1) }],
    [
      'beside an open channel, while another one has collected all that was due',
      { CARDS: channel('open', 3, true), OVO: channel('closed', 0, true) },
    ],
    ['while its open channel is probed', { CARDS: channel('half_open', 3) }],
    ['while nothing is due on its open channel', { CARDS: channel('open', 0) }],
  ])('%s', (_, channels) => {
    expect(whyNotReady(null, on, channels)).toBeNull();
  });
});
