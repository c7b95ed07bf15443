import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { holdsCardNumber, isOfACard } from '../../src/domain/methods/card-number.ts';

const sample = readFileSync(new URL('../fixtures/xendit/test-cards-and-amounts.json', import.meta.url), 'utf8');
/** Xendit's test cards, but for those of a local network, whose numbers look like any other. */
const cards = [...new Set(sample.match(/\b\d{15,16}\b/g))].filter((number) => !number.startsWith('1'));

test('Xendit’s own test cards are known', () => {
  expect(cards.length).toBeGreaterThan(8);
  expect(cards.filter((number) => !holdsCardNumber(number))).toEqual([]);
});

test.each([
  '4000 0000 0000 1000',
  '4000-0000-0000-1000',
  'card 4000000000001000, please',
  'on 2026-02-03 4000 0000 0000 1000',
  '3782 822463 10005',
  '6011111111111117',
])('%s is the number of a card', (text) => expect(holdsCardNumber(text)).toBe(true));

test.each([
  '4000000000001001',
  '+62 812 3456 7890',
  '6281234567890',
  '400000XXXXXX1000',
  '5200****1005',
  '019c2f43-1d6a-7c3e-9a41-5b0f6d2e8c17',
  'x4000000000001000',
  '40000000000010000000000',
  '1234567812345670',
  '2026-01-31T02:00:00Z',
])('%s is none', (text) => expect(holdsCardNumber(text)).toBe(false));

test('fields that are for cards are known by their names', () => {
  expect(['card_details', 'CVV', 'card_number'].every(isOfACard)).toBe(true);
  expect(isOfACard('card_on_file_type')).toBe(false);
});
