import type { Line, LineTax } from './lines.ts';
import { type Ratio, shareOf, spread } from './ratios.ts';
import { type DayTax, taxOf } from './taxes.ts';

/** A line before it has its tax. */
export type BareLine = Omit<Line, 'tax'> & {
  /** Whether a discount is of it too: not of what was discounted before, nor of what gives back. */
  readonly discounted: boolean;
};

/** What is taken off: so much, or a share of what may be discounted; never more than that. */
export type Discount = { readonly text: string } & ({ readonly amount: bigint } | { readonly percent: Ratio });

/** The least that a payment may be. */
export type Least = {
  readonly amount: bigint;
  /** "CARDS takes 5,000 IDR at least" */
  readonly why: string;
  /** Whether another charge follows, that could carry what is less. */
  readonly follows: boolean;
};

export type ToAddUp = {
  readonly lines: readonly BareLine[];
  readonly discount: Discount | null;
  /** As it is on the day on which the charge falls due; null: no tax. */
  readonly tax: DayTax | null;
  /** What there is to use before money is asked for. */
  readonly credit: bigint;
  /** null: whatever it comes to can be paid. */
  readonly least: Least | null;
};

/** What a charge comes to. Its lines and the tax that is added to them come to its amount. */
export type Sums = {
  readonly lines: readonly Line[];
  readonly subtotal: bigint;
  readonly discount: bigint;
  readonly taxIncluded: bigint;
  readonly taxAdded: bigint;
  readonly creditUsed: bigint;
  readonly amount: bigint;
  /** What is too little to be paid and is to be a line of the next charge, before added tax. */
  readonly carried: { readonly amount: bigint; readonly why: string } | null;
  /** What the lines give back beyond what they ask for: it becomes credit. */
  readonly givenBack: bigint;
};

/**
 * The arithmetic of a charge, in its one order: the lines as they are; the discount, spread over them by largest remainder; the tax
 * of each line, half up; then credit. Whole minor units at each step.
 */
export function addUp({ lines, discount, tax, credit, least }: ToAddUp): Sums {
  const off = discount === null ? 0n : discountOf(lines, discount);
  const nets = netsOf(lines, off);
  const taxes = tax === null ? null : taxesOf(tax, nets);
  const stated = lines.map((line, index) => stateOf(line, taxes?.[index] ?? null));
  const whole = { net: total(nets), tax: total((taxes ?? []).map(({ amount }) => amount)), of: tax };
  const owed = grossOf(whole);
  const closing = closingOf(whole, { owed, credit, least });
  const made = closing === null ? stated : [...stated, closing.line];
  const taxed = whole.tax + (closing?.line.tax?.amount ?? 0n);
  const subtotal = total(made.map(({ amount }) => amount));
  const creditUsed = closing?.creditUsed ?? smaller(credit, owed);
  const taxAdded = tax === null || tax.included ? 0n : taxed;
  return {
    lines: [
      ...made,
      ...(off === 0n ? [] : [plainLine('discount', discount?.text ?? '', -off)]),
      ...(creditUsed === 0n ? [] : [plainLine('credit', 'credit', -creditUsed)]),
    ],
    subtotal,
    discount: off,
    taxIncluded: taxed - taxAdded,
    taxAdded,
    creditUsed,
    amount: subtotal - off + taxAdded - creditUsed,
    carried: closing?.carried ?? null,
    givenBack: owed < 0n ? -owed : 0n,
  };
}

/** What all lines come to after the discount, and the tax of that. */
type Whole = { readonly net: bigint; readonly tax: bigint; readonly of: DayTax | null };

function grossOf({ net, tax, of }: Whole): bigint {
  return of === null || of.included ? net : net + tax;
}

type Closing = Pick<Sums, 'creditUsed' | 'carried'> & { readonly line: Line };

/** The line that brings a charge to 0 which gives back, or is too little to be paid; null: it is paid as it is. */
function closingOf(
  whole: Whole,
  { owed, credit, least }: { readonly owed: bigint; readonly credit: bigint; readonly least: Least | null },
): Closing | null {
  if (owed < 0n) return { line: downTo(0n, whole, 'credit', 'kept as credit'), creditUsed: 0n, carried: null };
  const asked = owed - smaller(credit, owed);
  if (least === null || asked === 0n || asked >= least.amount) return null;
  // What stays is what the credit pays for, with its tax.
  const stays = netFor(whole.of, smaller(credit, owed));
  const creditUsed = grossOf({ net: stays, tax: taxAmount(whole.of, stays), of: whole.of });
  const left = whole.net - stays;
  const text = least.follows
    ? `carried to the next charge: ${least.why}`
    : `not asked for: ${least.why}, and no charge follows`;
  // Nothing is left where only the rounding of its tax was too little.
  const carried = least.follows && left > 0n ? { amount: left, why: least.why } : null;
  return { line: downTo(stays, whole, 'item', text), creditUsed, carried };
}

/** The line that leaves so much of the whole, and the tax of that. */
function downTo(stays: bigint, { net, tax, of }: Whole, kind: 'item' | 'credit', text: string): Line {
  const amount = stays - net;
  const line = plainLine(kind, text, amount);
  if (of === null) return line;
  const due = taxAmount(of, stays) - tax;
  return { ...line, tax: { ...taxOf(of, amount), amount: due, base: of.included ? amount - due : amount } };
}

/** The greatest net that comes to no more than this with its tax. */
function netFor(tax: DayTax | null, gross: bigint): bigint {
  if (tax === null || tax.included) return gross;
  let net = taxOf({ ...tax, included: true }, gross).base;
  while (net > 0n && net + taxAmount(tax, net) > gross) net -= 1n;
  return net;
}

function taxAmount(tax: DayTax | null, net: bigint): bigint {
  return tax === null ? 0n : taxOf(tax, net).amount;
}

function isDiscounted({ discounted, amount }: BareLine): boolean {
  return discounted && amount > 0n;
}

function discountOf(lines: readonly BareLine[], discount: Discount): bigint {
  const most = total(lines.filter(isDiscounted).map(({ amount }) => amount));
  return smaller('amount' in discount ? discount.amount : shareOf(most, discount.percent), most);
}

/** Each line without its share of the discount. */
function netsOf(lines: readonly BareLine[], off: bigint): readonly bigint[] {
  const shares = spread(
    off,
    lines.map((line) => (isDiscounted(line) ? line.amount : 0n)),
  );
  return lines.map(({ amount }, index) => amount - (shares[index] ?? 0n));
}

/**
 * The tax of each line. Where some lines give back, what was rounded at each could leave a tax of the wrong sign, or more than there
 * is to be taxed: the last line that gives back takes the difference.
 */
function taxesOf(tax: DayTax, nets: readonly bigint[]): readonly LineTax[] {
  const taxes = nets.map((net) => taxOf(tax, net));
  const last = nets.findLastIndex((net) => net < 0n);
  if (last < 0) return taxes;
  const sum = total(taxes.map(({ amount }) => amount));
  const most = total(nets);
  const [low, high] = most < 0n ? [most, 0n] : [0n, most];
  const right = sum < low ? low : smaller(sum, high);
  return taxes.map((one, index) => (index === last ? moved(one, right - sum) : one));
}

function moved(tax: LineTax, by: bigint): LineTax {
  return { ...tax, amount: tax.amount + by, base: tax.included ? tax.base - by : tax.base };
}

function stateOf({ discounted: _asked, ...line }: BareLine, tax: LineTax | null): Line {
  return { ...line, tax };
}

function plainLine(kind: Line['kind'], text: string, amount: bigint): Line {
  return { kind, text, quantity: 1, unitAmount: amount, amount, tax: null, period: null };
}

function total(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sum, amount) => sum + amount, 0n);
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
