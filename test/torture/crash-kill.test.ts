import { expect, test } from 'vitest';
import { crashCases } from '../support/crash-cases.ts';
import { crashStage } from '../support/crash-stage.ts';
import { tortureSeed } from '../support/tally.ts';

const stage = await crashStage();
const cases = crashCases('kill', tortureSeed());

test.for(cases)('killed at $at ($pass), a gateway that $gateway, $channel: collected once', async (one) => {
  await stage.play(one);
});

test('and all together is sound', async () => {
  expect(cases.length).toBeGreaterThan(60);
  await stage.expectSound();
});
