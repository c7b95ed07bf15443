import { type CatalogReading, faultLine, readCatalog } from '../../src/infra/catalog-file/catalog-file.ts';

export const DEFAULTS = 'defaults: { country: ID, time_zone: Asia/Jakarta }\n';
export const PLAN = 'name: A, price: { amount: 150000, currency: IDR }, interval: 1 month';
export const PLANS = `plans:\n  a: { ${PLAN} }\n`;

/** A catalog of one plan that is right but for the given field. */
export const withPlan = (field: string) => `${DEFAULTS}plans:\n  a: { ${PLAN},\n    ${field} }\n`;
export const withDefault = (field: string) =>
  `defaults:\n  country: ID\n  time_zone: Asia/Jakarta\n  ${field.replaceAll('\n', '\n  ')}\n${PLANS}`;
export const withPrice = (amount: string, currency = 'IDR', country = 'ID') =>
  `${DEFAULTS.replace('ID,', `${country},`)}plans:\n  a:\n    name: A\n    interval: 1 month\n    price:\n      amount: ${amount}\n      currency: ${currency}\n`;

export function linesOf(source: string): readonly string[] {
  const read = readCatalog(source, 'catalog.yaml');
  return read.ok ? [] : read.faults.map((fault) => faultLine('c', fault));
}

export function catalogOf(source: string): Extract<CatalogReading, { ok: true }>['catalog'] {
  const read = readCatalog(source, 'catalog.yaml');
  if (!read.ok) throw new Error(read.faults.map((fault) => faultLine('catalog.yaml', fault)).join('\n'));
  return read.catalog;
}
