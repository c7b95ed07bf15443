import type { Context } from '../../../context.ts';
import type { DeclineClass } from '../../../domain/declines/decline-class.ts';
import { type Recovery, recoveryOf } from '../../../domain/dunning/recovery.ts';
import type { Currency } from '../../../domain/money/money.ts';
import { type DeclinedGroup, declinedGroups } from '../../../infra/tables/charges/first-declines.ts';
import { major } from '../subscription-view.ts';

/** Charges that were declined, by what became of them: the parts sum to `cases`. */
export type Cases = { readonly cases: number } & Readonly<Record<Recovery, number>>;

/** Those of a class, with how many came in by which retry: the first retry first, and all from the fifth together. */
export type OfClass = Cases & { readonly class: DeclineClass | null; readonly retries: readonly number[] };

export type OfCode = Cases & {
  readonly code: string | null;
  readonly class: DeclineClass | null;
  readonly currency: Currency;
  /** Major units. */
  readonly amount: number;
  readonly collected: number;
};

export type DunningPage = {
  readonly all: Cases;
  /** From the first decline to the money, on average; null: nothing came in. */
  readonly days: number | null;
  readonly classes: readonly OfClass[];
  readonly codes: readonly OfCode[];
};

/** From here on retries are counted together. */
export const LAST_RETRY = 5;

/** What retries brought back of the charges that fell due within a time, by how they were declined first. */
export async function dunningPage(
  ctx: Pick<Context, 'db'>,
  from: Temporal.Instant | null,
  until: Temporal.Instant | null,
): Promise<DunningPage> {
  const groups = await declinedGroups(ctx.db, from, until);
  const all = casesOf(groups);
  const seconds = groups.reduce((sum, group) => sum + group.seconds, 0);
  const byClass = Map.groupBy(groups, (group) => group.class);
  const byCode = Map.groupBy(groups, ({ failureCode, currency }) => `${failureCode ?? ''} ${currency}`);
  return {
    all,
    days: all.recovered === 0 ? null : seconds / all.recovered / 86_400,
    classes: [...byClass.entries()].map(([name, some]) => ofClass(name, some)).toSorted(byCases),
    codes: [...byCode.values()].flatMap(ofCode).toSorted(byCases),
  };
}

function byCases(a: Cases, b: Cases): number {
  return b.cases - a.cases;
}

function casesOf(groups: readonly DeclinedGroup[]): Cases {
  const became = (recovery: Recovery) =>
    groups.reduce((sum, { status, count }) => sum + (recoveryOf(status) === recovery ? count : 0), 0);
  return {
    cases: groups.reduce((sum, { count }) => sum + count, 0),
    recovered: became('recovered'),
    open: became('open'),
    lost: became('lost'),
    void: became('void'),
  };
}

function ofClass(name: DeclineClass | null, groups: readonly DeclinedGroup[]): OfClass {
  const retries = Array.from({ length: LAST_RETRY }, (_, index) =>
    groups
      .filter(({ status, attempts }) => recoveryOf(status) === 'recovered' && retryOf(attempts) === index + 1)
      .reduce((sum, { count }) => sum + count, 0),
  );
  return { ...casesOf(groups), class: name, retries };
}

/** The first attempt is none; what was paid without another attempt was brought by none either, and counts with the first. */
function retryOf(attempts: number): number {
  return Math.min(LAST_RETRY, Math.max(1, attempts - 1));
}

function ofCode(groups: readonly DeclinedGroup[]): readonly OfCode[] {
  const [first] = groups;
  if (first === undefined) return [];
  const { failureCode: code, class: declined, currency } = first;
  const sum = (of: 'amount' | 'collected') => groups.reduce((total, group) => total + BigInt(group[of]), 0n);
  return [
    {
      ...casesOf(groups),
      code,
      class: declined,
      currency,
      amount: major(sum('amount'), currency),
      collected: major(sum('collected'), currency),
    },
  ];
}
