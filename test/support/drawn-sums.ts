import type { BareLine, Discount, Sums, ToAddUp } from '../../src/domain/money/sums.ts';
import type { DayTax } from '../../src/domain/money/taxes.ts';
import { between, type Chance, drawn, spread } from './chance.ts';

/* Charges that chance makes of lines, discounts, taxes and credit, and what must hold of each whatever it is made of. */

const ratio = (numerator: number, denominator: number) => ({
  numerator: BigInt(numerator),
  denominator: BigInt(denominator),
  text: `${numerator}/${denominator}`,
});

export function sumsToDraw(random: Chance): ToAddUp {
  const lines = Array.from({ length: between(random, 1, 5) }, () => lineToDraw(random));
  return {
    lines,
    discount: discountToDraw(random),
    tax: taxToDraw(random),
    credit: drawn(random, [
      [2, 0n],
      [3, BigInt(spread(random, 1, 2_000_000))],
    ]),
    least: drawn(random, [
      [1, null],
      [2, { amount: BigInt(spread(random, 1, 20_000)), why: 'the channel takes more', follows: random() < 0.8 }],
    ]),
  };
}

function lineToDraw(random: Chance): BareLine {
  const quantity = drawn(random, [
    [3, 1],
    [1, between(random, 2, 1_000)],
  ]);
  const sign = random() < 0.2 ? -1n : 1n;
  const unitAmount = random() < 0.05 ? 0n : sign * BigInt(spread(random, 1, 1_000_000));
  return {
    kind: sign < 0n ? 'credit' : 'item',
    text: 'line',
    quantity,
    unitAmount,
    amount: unitAmount * BigInt(quantity),
    period: null,
    discounted: random() < 0.8,
  };
}

function discountToDraw(random: Chance): Discount | null {
  return drawn<Discount | null>(random, [
    [2, null],
    [1, { text: 'percent', percent: ratio(between(random, 1, 100), 100) }],
    [1, { text: 'amount', amount: BigInt(spread(random, 1, 500_000)) }],
  ]);
}

function taxToDraw(random: Chance): DayTax | null {
  const of = random() < 0.5 ? ratio(11, 12) : null;
  const rate = ratio(between(random, 1, 300), 1_000);
  return random() < 0.25 ? null : { name: 'tax', included: random() < 0.5, rate, of };
}

/** What does not hold of a charge, in words; null when it adds up. */
export function faultOfSums(asked: ToAddUp, made: Sums): string | null {
  const { subtotal, discount, taxIncluded, taxAdded, creditUsed, amount, lines, carried, givenBack } = made;
  const sum = (numbers: readonly bigint[]) => numbers.reduce((all, one) => all + one, 0n);
  const taxes = lines.flatMap(({ tax }) => (tax === null ? [] : [tax]));
  const added = sum(taxes.filter(({ included }) => !included).map((tax) => tax.amount));
  const included = sum(taxes.filter((tax) => tax.included).map((tax) => tax.amount));
  const rules: readonly (readonly [string, boolean])[] = [
    [
      'nothing is less than 0',
      [subtotal, discount, taxIncluded, taxAdded, creditUsed, amount, givenBack].every((one) => one >= 0n),
    ],
    ['the lines and the added tax are the amount', sum(lines.map((line) => line.amount)) + added === amount],
    ['the parts are the amount', amount === subtotal - discount + taxAdded - creditUsed],
    ['the taxes are those of the lines', added === taxAdded && included === taxIncluded],
    ['the included tax is inside of what is charged', taxIncluded <= subtotal - discount],
    ['no more credit is used than there is', creditUsed <= asked.credit],
    ['credit is used first', amount === 0n || creditUsed === asked.credit],
    ['what is asked for can be paid', amount === 0n || asked.least === null || amount >= asked.least.amount],
    [
      'what is carried is less than the least',
      carried === null || (carried.amount > 0n && carried.amount <= (asked.least?.amount ?? 0n)),
    ],
    ['nothing is both carried and given back', carried === null || givenBack === 0n],
    [
      'each line is its quantity times its price',
      lines.every((line) => line.amount === BigInt(line.quantity) * line.unitAmount),
    ],
    ['a taxed line is whole', lines.every((line, index) => isWhole(line, asked, index, lines))],
  ];
  return rules.find(([, holds]) => !holds)?.[0] ?? null;
}

/** Base and included tax of a line are its amount without its share of the discount. */
function isWhole(line: Sums['lines'][number], asked: ToAddUp, index: number, lines: Sums['lines']): boolean {
  if (line.tax === null) return true;
  const net = line.tax.base + (line.tax.included ? line.tax.amount : 0n);
  const off = line.amount - net;
  const isAsked = index < asked.lines.length;
  return (
    off === 0n ||
    (isAsked && off > 0n && asked.lines[index]?.discounted === true && lines.some(({ kind }) => kind === 'discount'))
  );
}
