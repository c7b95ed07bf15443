/** What a line is about. `credit` in a charge: what it gives back, or the customer's credit that it uses. */
export const lineKinds = ['plan', 'setup', 'item', 'credit', 'discount'] as const;
export type LineKind = (typeof lineKinds)[number];

/** The tax of a line. `part`: the share of the base that is taxed, where the rate is not of all of it. */
export type LineTax = {
  readonly name: string;
  /** As the catalog writes it: "12%". */
  readonly rate: string;
  /** Of which share of the base: "11/12"; null: of all of it. */
  readonly of: string | null;
  readonly base: bigint;
  readonly part: bigint | null;
  readonly amount: bigint;
  /** Inside the line's amount, or added to it. */
  readonly included: boolean;
};

export type LinePeriod = { readonly start: Temporal.PlainDate; readonly end: Temporal.PlainDate };

/** One of the lines that a charge is made of; whole minor units. */
export type Line = {
  readonly kind: LineKind;
  readonly text: string;
  readonly quantity: number;
  readonly unitAmount: bigint;
  readonly amount: bigint;
  readonly tax: LineTax | null;
  readonly period: LinePeriod | null;
};

/** A line as JSON has it: in the books, and in the charge log. */
export type StoredLine = {
  readonly kind: LineKind;
  readonly text: string;
  readonly quantity: number;
  readonly unit_amount: number;
  readonly amount: number;
  readonly tax?: StoredTax | undefined;
  readonly period?: { readonly start: string; readonly end: string } | undefined;
};

type StoredTax = {
  readonly name: string;
  readonly rate: string;
  readonly of?: string | undefined;
  readonly base: number;
  readonly part?: number | undefined;
  readonly amount: number;
  readonly included: boolean;
};

/** Throws where a JSON number would not carry an amount exactly. The names stand in the order of the alphabet, which `linesText` relies on. */
export function storedLine({ kind, text, quantity, unitAmount, amount, tax, period }: Line): StoredLine {
  return {
    amount: exact(amount),
    kind,
    period: period === null ? undefined : { end: period.end.toString(), start: period.start.toString() },
    quantity,
    tax: tax === null ? undefined : storedTax(tax),
    text,
    unit_amount: exact(unitAmount),
  };
}

/** The lines of a new charge as the ledger tells them: JSON in its one spelling, without a sort of names that are sorted. */
export function linesText(lines: readonly StoredLine[] | null): string {
  return `{"lines":${JSON.stringify(lines)}}`;
}

export function lineOf({ kind, text, quantity, unit_amount, amount, tax, period }: StoredLine): Line {
  return {
    kind,
    text,
    quantity,
    unitAmount: BigInt(unit_amount),
    amount: BigInt(amount),
    tax: tax === undefined ? null : taxOf(tax),
    period:
      period === undefined
        ? null
        : { start: Temporal.PlainDate.from(period.start), end: Temporal.PlainDate.from(period.end) },
  };
}

function storedTax({ name, rate, of, base, part, amount, included }: LineTax): StoredTax {
  return {
    amount: exact(amount),
    base: exact(base),
    included,
    name,
    of: of ?? undefined,
    part: part === null ? undefined : exact(part),
    rate,
  };
}

function taxOf({ name, rate, of, base, part, amount, included }: StoredTax): LineTax {
  return {
    name,
    rate,
    of: of ?? null,
    base: BigInt(base),
    part: part === undefined ? null : BigInt(part),
    amount: BigInt(amount),
    included,
  };
}

function exact(minor: bigint): number {
  const number = Number(minor);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${minor} minor units do not fit a JSON number`);
  return number;
}
