import { isCurrency, majorText, parseMajor } from '../../../domain/money/money.ts';
import { parseFraction, parsePercent } from '../../../domain/money/ratios.ts';
import { closes, type DayTax, nearestThatClose } from '../../../domain/money/taxes.ts';
import { at, read } from '../catalog-values.ts';
import type { JudgedPlan } from './judged-plan.ts';
import type { Judgement } from './judgement.ts';

/** A price, or set-up fee, that stands, although its base and the newest rate of its tax, each rounded, do not add up to it. */
export function taxJudgements(values: unknown, { path, fields }: JudgedPlan): readonly Judgement[] {
  const named: unknown = at(fields, 'taxes') ?? at(values, 'defaults', 'taxes');
  const tax = Array.isArray(named) ? newestOf(at(values, 'taxes', String(named[0]))) : null;
  if (tax === null) return [];
  return ['price', 'setup_fee'].flatMap((field) => {
    const message = notClosing(tax, at(fields, field, 'amount'), at(fields, field, 'currency'));
    return message === null ? [] : [{ path: [...path, field, 'amount'], message, about: 'value', severity: 'warning' }];
  });
}

function notClosing(tax: DayTax, amount: unknown, currency: unknown): string | null {
  if ((typeof amount !== 'string' && typeof amount !== 'number') || typeof currency !== 'string') return null;
  const price = isCurrency(currency) ? parseMajor(amount, currency) : null;
  if (price === null || 'fault' in price || closes(tax, price.minor)) return null;
  const { below, above } = nearestThatClose(tax, price.minor);
  const nearest = [below, above].flatMap((minor) => (minor === null ? [] : [majorText({ ...price, minor })]));
  return `stands as it is, although base and ${tax.name}, each rounded, do not add up to it: the nearest prices that do are ${nearest.join(' and ')}`;
}

/** The last of its rates; null while it cannot be read. */
function newestOf(tax: unknown): DayTax | null {
  const rates: unknown = at(tax, 'rates');
  const newest: unknown = Array.isArray(rates) ? rates.at(-1) : undefined;
  const rate = read(parsePercent, at(newest, 'rate'));
  if (rate === null) return null;
  return {
    name: String(at(tax, 'name')),
    included: at(tax, 'included') === true,
    rate,
    of: read(parseFraction, at(newest, 'of')),
  };
}
