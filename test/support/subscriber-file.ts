import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { passingDirectory } from './passing-directory.ts';

export const COLUMNS =
  'reference_id,plan,customer_reference,customer_id,payment_token_id,next_payment_date,cycle,amount,time_zone,metadata';

export type Line = {
  readonly reference?: string;
  readonly plan?: string;
  readonly customer?: string;
  readonly customerId?: string;
  readonly token?: string;
  readonly date?: string;
  readonly cycle?: string;
  readonly amount?: string;
  readonly zone?: string;
  readonly metadata?: string;
};

/** Xendit's id of a customer, and the token of their method, by a number. */
export const customerId = (n: number | string) => `cust-${String(n).padStart(36, '0')}`;
export const tokenOf = (n: number | string) => `pt-${String(n).padStart(36, '0')}`;

/** A line of a subscriber of the monthly plan, whose sixth cycle begins on 10 February. */
export function line(n: number | string, more: Line = {}): string {
  const cells = [
    more.reference ?? `old-${n}`,
    more.plan ?? 'monthly',
    more.customer ?? `person-${n}`,
    more.customerId ?? customerId(n),
    more.token ?? tokenOf(n),
    more.date ?? '2026-02-10',
    more.cycle ?? '5',
    more.amount ?? '',
    more.zone ?? '',
    more.metadata ?? '',
  ];
  return cells.join(',');
}

/** A file in a directory of its own that is gone after the test. */
export function fileOf(text: string | Uint8Array, name = 'subscribers.csv'): string {
  const path = join(passingDirectory(), name);
  writeFileSync(path, text);
  return path;
}

export function csv(...lines: readonly string[]): string {
  return `${[COLUMNS, ...lines].join('\n')}\n`;
}
