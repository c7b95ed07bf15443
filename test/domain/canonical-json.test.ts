import { expect, test } from 'vitest';
import { canonicalJson } from '../../src/domain/books/canonical-json.ts';
import { between, type Chance, chance, oneOf, shuffled } from '../support/chance.ts';

/*
 * What is hashed has one spelling. Entries that were written with another spelling of the same rule must still be found whole, so the
 * text is held against JSON.stringify of a copy whose keys are in order.
 */

test('an object has one text, whatever order its keys were written in', () => {
  const one = { b: 1, a: { d: [true, null], c: 'x' } };
  const other = { a: { c: 'x', d: [true, null] }, b: 1 };
  expect(canonicalJson(one)).toBe('{"a":{"c":"x","d":[true,null]},"b":1}');
  expect(canonicalJson(other)).toBe(canonicalJson(one));
});

test('what JSON has no word for is left out of an object, and null in a list and as a number', () => {
  expect(canonicalJson({ a: undefined, b: [undefined, Number.NaN], c: -0 })).toBe('{"b":[null,null],"c":0}');
});

test('a day is written as its text', () => {
  expect(canonicalJson({ day: Temporal.PlainDate.from('2026-02-28') })).toBe('{"day":"2026-02-28"}');
});

test('any value has the text that JSON.stringify gives a copy with its keys in order', () => {
  const random = chance(7);
  for (let turn = 0; turn < 2_000; turn += 1) {
    const value = anyValue(random, 4);
    expect(canonicalJson(value)).toBe(JSON.stringify(inOrder(value)));
  }
});

function anyValue(random: Chance, depth: number): unknown {
  const size = between(random, 0, 4);
  switch (oneOf(random, depth === 0 ? ['plain'] : ['plain', 'list', 'object', 'object'])) {
    case 'list':
      return Array.from({ length: size }, () => anyValue(random, depth - 1));
    case 'object':
      return Object.fromEntries(
        shuffled(random, ['amount', 'a"b', 'é', 'Z', '\u{1F600}'])
          .slice(0, size)
          .map((key) => [key, anyValue(random, depth - 1)]),
      );
    default:
      return oneOf(random, [null, true, false, 0, -1.5, 1e21, 'x', '"\\\n', 'é', between(random, -1e9, 1e9)]);
  }
}

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([key, item]) => [key, inOrder(item)]));
}
