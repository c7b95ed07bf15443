import { currencies, decimals } from '../../../domain/money/money.ts';
import { type Sql, sql } from '../../database/sql.ts';

/** Amounts in major units, as people write them, both included; a list of several currencies is narrowed in each of them alike. */
export type AmountRange = { readonly amountFrom?: string | undefined; readonly amountTo?: string | undefined };

const whole = currencies.filter((currency) => decimals(currency) === 0);

/** Narrows a list to amounts of a range; `amount` is in minor units of `currency`. */
export function inRange({ amountFrom, amountTo }: AmountRange, amount: Sql, currency: Sql): readonly Sql[] {
  const minor = (text: string) =>
    sql`${text}::numeric * case when ${currency} = any(${whole}::text[]) then 1 else 100 end`;
  return [
    ...(amountFrom === undefined ? [] : [sql`${amount} >= ${minor(amountFrom)}`]),
    ...(amountTo === undefined ? [] : [sql`${amount} <= ${minor(amountTo)}`]),
  ];
}
