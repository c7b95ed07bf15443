import { expect, test } from 'vitest';
import { isLanguage } from '../../src/domain/catalog/languages.ts';
import { customerReferenceFault, subscriptionReferenceFault } from '../../src/domain/charges/references.ts';

test.each([
  ['order-1', true, true],
  ['A_b-9', true, true],
  ['08123456789', true, true],
  ['2026/01 order.7', true, false],
  ['Zoë', true, false],
  ['x'.repeat(255), true, true],
  ['x'.repeat(256), true, false],
  ['+1234567', true, false],
  ['+62812345678901234', true, false],
  ['+62812345678', false, false],
  ['+12345678', false, false],
  ['siti@example.com', false, false],
  ['@siti', false, false],
  ['', true, false],
  ['order 7', true, false],
  ['order-7 ', false, false],
  [' order-7', false, false],
  ['order\u200b7', false, false],
  ['order\u202e7', false, false],
  ['order\t7', false, false],
  ['Zoe\u0308', false, false],
])('%s may name a new subscription: %j, a new customer: %j', (text, subscription, customer) => {
  expect(subscriptionReferenceFault(text) === null).toBe(subscription);
  expect(customerReferenceFault(text) === null).toBe(customer);
});

test.each([
  ['en', true],
  ['id', true],
  ['vi', true],
  ['zz', false],
  ['xx', false],
  ['EN', false],
  ['eng', false],
  ['', false],
])('%s is a language: %j', (code, is) => {
  expect(isLanguage(code)).toBe(is);
});
