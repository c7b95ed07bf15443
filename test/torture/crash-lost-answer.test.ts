import { expect, test } from 'vitest';
import { crashCases } from '../support/crash-cases.ts';
import { crashStage } from '../support/crash-stage.ts';
import { tortureSeed } from '../support/tally.ts';

const stage = await crashStage();
const cases = crashCases('lost answer', tortureSeed());

test.for(cases)(
  'the answer to the statement of $at is lost, a gateway that $gateway, $channel: collected once',
  async (one) => {
    await stage.play(one);
  },
);

test('and all together is sound', async () => {
  expect(cases.length).toBe(24);
  await stage.expectSound();
});
