import { expect, test } from 'vitest';
import { methodWords } from '../../src/domain/methods/method-words.ts';

test.each([
  ['CARDS', 'VISA', '400000XXXXXX1000', 'VISA ···· 1000'],
  ['CARDS', null, '4000xxxxxxxx1000', 'CARDS ···· 1000'],
  ['DANA', null, '+62***10', 'DANA +62***10'],
  ['BPI_DIRECT_DEBIT', null, null, 'BPI_DIRECT_DEBIT'],
])('%s of %s with the label %s is shown as %s', (channelCode, network, label, words) => {
  expect(methodWords({ channelCode, network, label })).toBe(words);
});
