import { readFileSync } from 'node:fs';
import type { Catalog } from '../../src/domain/catalog/plan.ts';
import { readCatalog } from '../../src/infra/catalog-file/catalog-file.ts';
import type { Database } from '../../src/infra/database/db.ts';
import { storeCatalog } from '../../src/infra/tables/catalog/catalog-versions.ts';

/** The catalog as the admin has it at first, with a brake, as it is edited later, and with higher prices for whoever subscribes already. */
export type Editions = {
  readonly plain: Catalog;
  readonly braked: Catalog;
  readonly edited: Catalog;
  readonly raised: Catalog;
  /** The same, but for a plan whose customers come to their higher price only by repricings, in stages. */
  readonly staged: Catalog;
};

/** A higher price of a plan, which its customers are told so many days before; those of `asks` have to agree to it as well. */
export type Rise = {
  readonly plan: string;
  readonly before: number;
  readonly after: number;
  readonly days: number;
  readonly asks: 'notice' | 'opt_in' | 'opt_in, silence: cancel';
};

/** Whom an admin reprices in stages, where a seed has that. */
export const STAGED = 'daily';

/** Of up to three of them no sum is one at the old price and at the new one. */
export const rises: readonly Rise[] = [
  { plan: 'daily', before: 5_000, after: 8_000, days: 1, asks: 'notice' },
  { plan: 'two-days', before: 11_000, after: 12_500, days: 1, asks: 'opt_in' },
  { plan: 'three-days', before: 9_000, after: 10_000, days: 2, asks: 'opt_in, silence: cancel' },
];

const BRAKE = `  limits:
    per_charge: { IDR: 30000, PHP: 10000 }
    per_customer_per_day: { IDR: 40000, PHP: 10000 }
    per_day: { IDR: 150000, PHP: 20000 }
`;

/** All of them are in the database, since a running subscription may come from any. */
export async function editionsIn(db: Database): Promise<Editions> {
  const source = readFileSync(new URL('./catalog.yaml', import.meta.url), 'utf8');
  const edited = source
    .replace('{ amount: 9000, currency: IDR }', '{ amount: 9500, currency: IDR }')
    .replace('retry_after: [1 day, 1 day]', 'retry_after: [1 day]');
  return {
    plain: await stored(db, source),
    braked: await stored(
      db,
      source
        .replace('plans:\n', `${BRAKE}plans:\n`)
        .replace('{ amount: 5000, currency: IDR }', '{ amount: 12000, currency: IDR }'),
    ),
    edited: await stored(db, edited),
    raised: await stored(
      db,
      rises.reduce((text, rise) => withRise(text, rise, 'next_cycle'), source),
    ),
    staged: await stored(
      db,
      rises.reduce((text, rise) => withRise(text, rise, rise.plan === STAGED ? 'new_only' : 'next_cycle'), source),
    ),
  };
}

function withRise(source: string, { before, after, days, asks }: Rise, change: 'next_cycle' | 'new_only'): string {
  const price = (amount: number) => `price: { amount: ${amount}, currency: IDR }`;
  const notice = `notice: { before: ${days} ${days === 1 ? 'day' : 'days'}, consent: ${asks} }`;
  return source.replace(price(before), `${price(after)}\n    price_change: ${change}\n    ${notice}`);
}

async function stored(db: Database, source: string): Promise<Catalog> {
  const read = readCatalog(source, 'catalog.yaml');
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  const version = await storeCatalog(db, read.catalog.digest, source, Temporal.Instant.fromEpochMilliseconds(0));
  return { ...read.catalog, version };
}
