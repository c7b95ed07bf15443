/** Evidence as it is compared: how its blanks and accents were typed makes no second piece of it. */
export function evidenceOf(written: string): string {
  return written
    .normalize('NFC')
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** What money from outside, with the credit that there is, comes to. */
export type Covered<T> = {
  readonly paid: readonly T[];
  /** By how much credit moves: less than nothing where it pays along. */
  readonly credited: bigint;
};

/**
 * The oldest charges that money and credit together cover. A charge is paid whole or not at all, and one that is not covered keeps those
 * behind it from being paid: what is left waits as credit, so that parts add up.
 */
export function coveredBy<T extends { readonly amount: bigint }>(
  oldestFirst: readonly T[],
  amount: bigint,
  credit: bigint,
): Covered<T> {
  const paid: T[] = [];
  let left = amount + credit;
  for (const charge of oldestFirst) {
    if (charge.amount > left) break;
    paid.push(charge);
    left -= charge.amount;
  }
  return { paid, credited: left - credit };
}
