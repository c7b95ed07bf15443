import { expect, test } from 'vitest';

test('the tests run on Node 26, whatever Node the machine has', () => {
  expect(process.version).toMatch(/^v26\./);
});
