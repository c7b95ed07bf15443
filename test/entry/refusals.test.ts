import { expect, test } from 'vitest';
import { refusals } from '../../src/entry/http/refusals.ts';

test('a minute later everybody begins anew', () => {
  let now = 5_000;
  const counted = refusals(() => now);
  for (let time = 1; time < 40; time += 1) expect(counted.note('192.0.2.1').count).toBe(time);
  now += 59_000;
  expect(counted.note('192.0.2.1')).toEqual({ count: 40, waitSeconds: 1 });
  now += 1_000;
  expect(counted.note('192.0.2.1')).toEqual({ count: 1, waitSeconds: 60 });
});

test('an attack from everywhere costs no memory: who comes after ten thousand addresses is counted as one', () => {
  const counted = refusals(() => 0);
  for (let address = 0; address < 10_000; address += 1) expect(counted.note(`a${address}`).count).toBe(1);
  expect([counted.note('b').count, counted.note('c').count, counted.note('a1').count]).toEqual([1, 2, 2]);
});
