import { describe, expect, test } from 'vitest';
import { table } from '../../src/entry/cli/screen/table.ts';

const columns = [{ title: 'id' }, { title: 'amount', align: 'right' as const }, { title: 'why, or what is next' }];
const id = '019c2f43-1d6a-7c3e-9a41-5b0f6d2e8c17';
const why = 'our_fault, held since the first of February because the key may not charge cards without their owner';
const rows = [
  [id, 'IDR 150,000', why],
  [id.replace('019c', '01aa'), 'IDR 9,000', ''],
];

const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

describe('a table on a terminal', () => {
  test('is as wide as it gets where there is room, or no terminal', () => {
    const whole = table(columns, rows, null);
    expect(whole.split('\n')).toHaveLength(3);
    expect(table(columns, rows, 500)).toBe(whole);
    expect(table(columns, rows, widest(whole))).toBe(whole);
  });

  test.each([100, 90, 80])('of %i letters folds its last column between words', (wide) => {
    const text = table(columns, rows, wide);
    expect(widest(text)).toBeLessThanOrEqual(wide);
    expect(text).toContain(id);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(why);
    expect(text.split('\n')[2]).toMatch(/^ {51}\S/);
  });

  test.each([70, 60, 48])('of %i letters shows each row as a paragraph, in which an id stays whole', (wide) => {
    const text = table(columns, rows, wide);
    expect(widest(text)).toBeLessThanOrEqual(Math.max(wide, 22 + id.length));
    const [first = '', second = ''] = text.split('\n\n');
    expect(first.split('\n')[0]).toBe(`id                    ${id}`);
    expect(first.replaceAll(/\s+/g, ' ')).toContain(`amount IDR 150,000 why, or what is next ${why}`);
    expect(second).toBe(`id                    ${id.replace('019c', '01aa')}\namount                IDR 9,000`);
  });

  test.each([1, 10, 20])('of %i letters is shown all the same', (wide) => {
    expect(table(columns, rows, wide).replaceAll(/\s+/g, ' ')).toContain(why);
  });

  test('counts what a letter takes on a terminal: colours nothing, letters of East Asia two', () => {
    const wide = [{ title: 'name' }, { title: 'plan' }];
    const text = table(
      wide,
      [
        ['\u5c71\u7530', 'pro'],
        ['\u001b[32mok\u001b[39m', 'pro'],
        ['e\u0301', 'pro'],
      ],
      null,
    );
    expect(text.split('\n').slice(1)).toEqual([
      '\u5c71\u7530  pro',
      '\u001b[32mok\u001b[39m    pro',
      'e\u0301     pro',
    ]);
  });

  test('without rows is its titles', () => {
    expect(table(columns, [], 80)).toBe('id  amount  why, or what is next');
  });
});
