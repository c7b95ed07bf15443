/** What a line is about. `credit` in a charge: what it gives back, or the customer's credit that it uses. */
export const lineKinds = ['plan', 'setup', 'item', 'credit', 'discount'] as const;
export type LineKind = (typeof lineKinds)[number];

/** A line of a charge as JSON has it: in the books, and in the charge log; whole minor units. */
export type StoredLine = {
  readonly kind: LineKind;
  readonly text: string;
  readonly quantity: number;
  readonly unit_amount: number;
  readonly amount: number;
  readonly tax?: StoredTax;
  readonly period?: { readonly start: string; readonly end: string };
};

/** `part`: the share `of` the base that is taxed, where the rate is not of all of it. */
type StoredTax = {
  readonly name: string;
  readonly rate: string;
  readonly of?: string;
  readonly base: number;
  readonly part?: number;
  readonly amount: number;
  readonly included: boolean;
};
