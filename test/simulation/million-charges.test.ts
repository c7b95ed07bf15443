import { expect, test } from 'vitest';
import { addUp } from '../../src/domain/money/sums.ts';
import { chance } from '../support/chance.ts';
import { faultOfSums, sumsToDraw } from '../support/drawn-sums.ts';

test('a million charges that chance made of lines, discounts, taxes and credit add up', { timeout: 240_000 }, () => {
  const random = chance(1);
  for (let n = 0; n < 1_000_000; n += 1) {
    const asked = sumsToDraw(random);
    const fault = faultOfSums(asked, addUp(asked));
    if (fault !== null) expect.fail(`charge ${n}: ${fault}`);
  }
});
