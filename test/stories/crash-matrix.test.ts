import { expect, test } from 'vitest';
import type { CrashCase } from '../support/crash-cases.ts';
import { crashStage } from '../support/crash-stage.ts';

/*
 * The sharpest cases of the crash matrix: real processes, each around the one call that moves money. All
 * of it is `npm run torture`.
 */

const stage = await crashStage();

const card = { pass: 1, channel: 'CARDS' } as const;
const wallet = { pass: 1, channel: 'DANA' } as const;
const cases: readonly CrashCase[] = [
  { fault: 'kill', at: 'after-claim', gateway: 'pays', ...card },
  { fault: 'kill', at: 'after-claim', gateway: 'pays', ...wallet },
  { fault: 'kill', at: 'after-request', gateway: 'pays in silence', ...card },
  { fault: 'kill', at: 'after-request', gateway: 'pays', ...wallet },
  { fault: 'kill', at: 'after-answer', gateway: 'declines', ...card },
  { fault: 'kill', at: 'after-look-up', gateway: 'pays in silence', ...wallet },
  { fault: 'stop', at: 'before-call', gateway: 'pays', ...card },
  { fault: 'stop', at: 'before-call', gateway: 'pays', ...wallet },
  { fault: 'stop', at: 'before-settle', gateway: 'declines', ...card },
  { fault: 'term', at: 'before-call', gateway: 'pays in silence', ...wallet },
  { fault: 'lost answer', at: 'claim', gateway: 'pays', ...card },
  { fault: 'lost answer', at: 'settle', gateway: 'declines', ...card },
];

// Processes start slowly on a busy machine; what hangs is noticed all the same.
const patience = { timeout: 120_000 };
test.for(cases)('$fault at $at, a gateway that $gateway, $channel: collected once', patience, async (one) => {
  await stage.play(one);
});

test('and all together is sound', async () => {
  expect(cases).toHaveLength(12);
  await stage.expectSound();
});
