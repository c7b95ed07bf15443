import { expect, test } from 'vitest';
import { crashCases } from '../support/crash-cases.ts';
import { crashStage } from '../support/crash-stage.ts';
import { tortureSeed } from '../support/tally.ts';

const stage = await crashStage();
const cases = crashCases('stop', tortureSeed());

test.for(cases)(
  'paused at $at ($pass) past its lease, then resumed, a gateway that $gateway, $channel: collected once',
  async (one) => {
    await stage.play(one);
  },
);

test('and all together is sound', async () => {
  expect(cases.length).toBeGreaterThan(60);
  await stage.expectSound();
});
