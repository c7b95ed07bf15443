import { type Currency, parseMajor } from '../../domain/money/money.ts';
import type { FieldFault } from './catalog-faults.ts';
import { value } from './catalog-values.ts';
import type { Path } from './yaml-fault.ts';

/** Why this is no amount that anybody could be charged. */
export function moneyFaults(path: Path, amount: string | number, currency: Currency): readonly FieldFault[] {
  const price = parseMajor(amount, currency);
  if ('fault' in price) return [value(path, price.fault)];
  return price.minor === 0n ? [value(path, 'must be more than 0')] : [];
}
