import { expect, test } from 'vitest';
import { faultLine, readCatalog } from '../../src/infra/catalog-file/catalog-file.ts';

/* Catalogs of ten thousand plans and a megabyte of faults: what is read or refused does not take long. */

const DEFAULTS = 'defaults: { country: ID, time_zone: Asia/Jakarta }\n';
const PLAN = 'name: A, price: { amount: 150000, currency: IDR }, interval: 1 month';
const withPlan = (field: string) => `${DEFAULTS}plans:\n  a: { ${PLAN},\n    ${field} }\n`;
const withDefault = (field: string) =>
  `defaults:\n  country: ID\n  time_zone: Asia/Jakarta\n  ${field}\nplans:\n  a: { ${PLAN} }\n`;

function linesOf(source: string): readonly string[] {
  const read = readCatalog(source, 'catalog.yaml');
  return read.ok ? [] : read.faults.map((fault) => faultLine('c', fault));
}

test('ten thousand plans are read', () => {
  const plans = Array.from({ length: 10_000 }, (_, i) => `  p${i}: { ${PLAN} }`).join('\n');
  const read = readCatalog(`${DEFAULTS}plans:\n${plans}\n`, 'catalog.yaml');
  expect(read.ok && read.catalog.plans.size).toBe(10_000);
});

test('more than ten thousand plans are too many', () => {
  const plans = Array.from({ length: 10_001 }, (_, i) => `  p${i}: { ${PLAN} }`).join('\n');
  expect(linesOf(`${DEFAULTS}plans:\n${plans}\n`)).toEqual(['c:3:3 plans: must be at most 10000 plans, not 10001']);
});

test('of ten thousand plans that are all wrong a hundred are told, and that there is more', () => {
  const plans = Array.from({ length: 10_000 }, (_, i) => `  p${i}: { ${PLAN}, extra: 1 }`).join('\n');
  const lines = linesOf(`${DEFAULTS}plans:\n${plans}\n`);
  expect(lines).toHaveLength(101);
  expect(lines[0]).toMatch(/^c:3:\d+ plans\.p0\.extra: is not known here$/);
  expect(lines.at(-1)).toMatch(/^c:102:\d+ there is more: mend these 100 first$/);
});

const many = (count: number, one: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => one(i)).join('');
const megabyte: readonly (readonly [string, string])[] = [
  [
    'plans that name policies which are not among thousands',
    `${DEFAULTS}plans:\n${many(8_000, (i) => `  p${i}: { ${PLAN}, dunning: own${i} }\n`)}dunning:\n${many(6_000, (i) => `  q${i}: {}\n`)}`,
  ],
  ['fields that nobody knows', `${DEFAULTS}plans:\n  a: {${many(50_000, (i) => `countrx${i}: 1, `)}}\n`],
  ['channels by the thousand', withPlan(`payment_channels: [${many(80_000, (i) => `CHANNEL${i}, `)}]`)],
  [
    'network limits by the thousand',
    withDefault(
      `network_limits: [${many(12_000, (i) => `{ network: VISA, reattempts: ${i}, window: ${i + 1} hours }, `)}]`,
    ),
  ],
  ['names given twice', `${DEFAULTS}plans:\n${many(100_000, () => '  a: 1\n')}`],
  ['lines that are no YAML', many(150_000, () => '\ta: b\n')],
];
// What looks at each fault with all the others takes a minute; the limit leaves room for a busy machine.
test.each(megabyte)('of a megabyte of %s no more is told, and it does not take long', (_what, source) => {
  const began = performance.now();
  const lines = linesOf(source.slice(0, 1024 * 1024));
  expect(performance.now() - began).toBeLessThan(15_000);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThanOrEqual(101);
  expect(lines.join('').length).toBeLessThan(50_000);
});
