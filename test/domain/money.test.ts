import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  add,
  type Currency,
  currencies,
  decimals,
  isCurrency,
  majorNumber,
  majorText,
  money,
  parseMajor,
  subtract,
} from '../../src/domain/money/money.ts';

const currency = fc.constantFrom(...currencies);
const inFifteenDigits = fc.bigInt({ min: 0n, max: 10n ** 15n - 1n });

describe('what is written in major units is read to the last unit', () => {
  test.each<[string | number, Currency, bigint]>([
    [150000, 'IDR', 150000n],
    ['150000', 'VND', 150000n],
    [10.05, 'PHP', 1005n],
    ['10.10', 'PHP', 1010n],
    ['10.1', 'THB', 1010n],
    [10, 'SGD', 1000n],
    [0, 'IDR', 0n],
    ['0.01', 'USD', 1n],
    ['999999999999999', 'IDR', 999999999999999n],
    ['9999999999999.99', 'MYR', 999999999999999n],
    [1.005e3, 'USD', 100500n],
  ])('%s %s', (text, unit, minor) => {
    expect(parseMajor(text, unit)).toEqual({ minor, currency: unit });
  });
});

describe('what could mean another amount is refused, and the fault says why', () => {
  test.each<[string | number, Currency, string]>([
    [150000.5, 'IDR', 'must be a whole number: IDR has no decimals'],
    ['150000.00', 'IDR', 'must be a whole number: IDR has no decimals'],
    ['1.5', 'VND', 'must be a whole number: VND has no decimals'],
    ['10.001', 'PHP', 'must have at most 2 decimals, as PHP has'],
    [0.1 + 0.2, 'USD', 'must have at most 2 decimals, as USD has'],
    [-1, 'IDR', 'must not be negative'],
    ['-0', 'IDR', 'must not be negative'],
    ['1000000000000000', 'IDR', 'must have at most 15 digits'],
    ['10000000000000.00', 'PHP', 'must have at most 15 digits'],
    ['0150', 'IDR', 'must not begin with a zero'],
  ])('%s %s', (text, unit, fault) => {
    expect(parseMajor(text, unit)).toEqual({ fault });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e21, 1e-7])('the number %s', (number) => {
    expect(parseMajor(number, 'USD')).toEqual({ fault: 'must be a number in plain digits, such as 150000 or 10.50' });
  });

  test.each(['', ' ', '1e5', '0x10', '1,000', '1_000', '+5', '.5', '5.', '1 0', ' 1', '1\n', '١٥', 'NaN', 'abc'])(
    'the text %j',
    (text) => {
      expect(parseMajor(text, 'USD')).toEqual({ fault: 'must be a number in plain digits, such as 150000 or 10.50' });
    },
  );
});

describe('an amount is written with the decimals of its currency', () => {
  test.each<[bigint, Currency, string, number]>([
    [150000n, 'IDR', '150000', 150000],
    [1005n, 'PHP', '10.05', 10.05],
    [-1005n, 'PHP', '-10.05', -10.05],
    [-5n, 'USD', '-0.05', -0.05],
    [0n, 'MYR', '0.00', 0],
    [0n, 'VND', '0', 0],
    [100n, 'THB', '1.00', 1],
    [-150000n, 'IDR', '-150000', -150000],
  ])('%s %s', (minor, unit, text, number) => {
    expect(majorText(money(minor, unit))).toBe(text);
    expect(majorNumber(money(minor, unit))).toBe(number);
  });

  test('an amount that a JSON number would change is not written as one', () => {
    expect(() => majorNumber(money(9007199254740993n, 'IDR'))).toThrow('9007199254740993 IDR does not fit');
  });
});

test('rupiah and dong have no decimals, whatever ISO 4217 says; the others have two', () => {
  expect(currencies.map((unit) => [unit, decimals(unit)])).toEqual([
    ['IDR', 0],
    ['VND', 0],
    ['PHP', 2],
    ['THB', 2],
    ['SGD', 2],
    ['MYR', 2],
    ['USD', 2],
  ]);
});

test('a currency is one of seven codes in capitals', () => {
  expect(['IDR', 'USD'].every(isCurrency)).toBe(true);
  expect(['idr', 'EUR', '', 'toString', 'constructor'].some(isCurrency)).toBe(false);
});

test('every amount of up to 15 digits survives text and JSON and back', () => {
  fc.assert(
    fc.property(inFifteenDigits, currency, (minor, unit) => {
      const amount = money(minor, unit);
      expect(parseMajor(majorText(amount), unit)).toEqual(amount);
      expect(parseMajor(JSON.parse(JSON.stringify(majorNumber(amount))), unit)).toEqual(amount);
    }),
  );
});

test('whatever is read is an amount or a fault in words, never an error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.double(), fc.integer()), currency, (text, unit) => {
      const read = parseMajor(text, unit);
      if ('fault' in read) expect(read.fault).toMatch(/^must /);
      // JSON has a -0, money has none.
      else expect(Number(text) + 0).toBe(majorNumber(read));
    }),
  );
});

describe('sums', () => {
  test('what was added can be taken away again', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), currency, (a, b, unit) => {
        const sum = add(money(a, unit), money(b, unit));
        expect(subtract(sum, money(b, unit))).toEqual(money(a, unit));
      }),
    );
  });

  test('two currencies are never added up', () => {
    expect(() => add(money(1, 'IDR'), money(1, 'PHP'))).toThrow('IDR and PHP cannot be added up');
    expect(() => subtract(money(1, 'IDR'), money(1, 'PHP'))).toThrow('IDR and PHP cannot be added up');
  });
});
