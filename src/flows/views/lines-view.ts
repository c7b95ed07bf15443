import type { StoredLine } from '../../domain/money/lines.ts';
import type { Currency } from '../../domain/money/money.ts';
import type { ChargeRow } from '../../infra/tables/schema/change-columns.ts';
import { major } from './subscription-view.ts';

/** What a charge is made of, in the columns of its row. */
type Made = Pick<
  ChargeRow,
  | 'amount'
  | 'currency'
  | 'lines'
  | 'subtotal'
  | 'discount'
  | 'taxIncluded'
  | 'taxAdded'
  | 'creditUsed'
  | 'periodStart'
  | 'periodEnd'
>;

/** What a charge is made of, in major units; one without lines is made of its plan. */
export function partsView(made: Made, planName: string) {
  const { amount, currency, subtotal, discount, taxIncluded, taxAdded, creditUsed } = made;
  const money = (minor: bigint) => major(minor, currency);
  return {
    lines: (made.lines ?? [lineOfPlan(made, planName)]).map((line) => lineView(line, currency)),
    subtotal: money(subtotal ?? amount),
    discount: money(discount),
    tax_included: money(taxIncluded),
    tax_added: money(taxAdded),
    credit_used: money(creditUsed),
  };
}

function lineOfPlan({ amount, periodStart, periodEnd }: Made, text: string): StoredLine {
  const period = { start: periodStart.toString(), end: periodEnd.toString() };
  return { kind: 'plan', text, quantity: 1, unit_amount: Number(amount), amount: Number(amount), period };
}

function lineView({ tax, period, unit_amount, amount, ...line }: StoredLine, currency: Currency) {
  const money = (minor: number) => major(BigInt(minor), currency);
  return {
    ...line,
    unit_amount: money(unit_amount),
    amount: money(amount),
    ...(period === undefined ? {} : { period }),
    ...(tax === undefined ? {} : { tax: taxView(tax, money) }),
  };
}

function taxView({ of, base, part, amount, ...tax }: NonNullable<StoredLine['tax']>, money: (minor: number) => number) {
  return {
    ...tax,
    ...(of === undefined ? {} : { of }),
    base: money(base),
    ...(part === undefined ? {} : { part: money(part) }),
    amount: money(amount),
  };
}
