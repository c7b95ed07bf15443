import { bigint, customType } from 'drizzle-orm/pg-core';

/** Texts remembered at most. */
const MOST_TEXTS = 1_000;

/**
 * Reads each text once while it is remembered: the rows of an answer say the same instants and days again and again,
 * Temporal's values never change, and making one costs as much as ten other columns.
 */
function remembering<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    if (known.size === MOST_TEXTS) known.clear();
    const value = read(text);
    known.set(text, value);
    return value;
  };
}

/**
 * `timestamptz(3)` and Temporal.Instant. Whole milliseconds, so that what is read equals what was written; finer ones
 * are cut off, as Temporal does, and not rounded up into the future, as Postgres would.
 */
export const instant = customType<{ data: Temporal.Instant; driverData: string }>({
  dataType: () => 'timestamp (3) with time zone',
  toDriver: (value) => value.toString({ smallestUnit: 'millisecond' }),
  fromDriver: remembering((text) => Temporal.Instant.from(text.replace(' ', 'T'))),
});

/** `date` and Temporal.PlainDate: a day on the calendar, in no zone. */
export const plainDate = customType<{ data: Temporal.PlainDate; driverData: string }>({
  dataType: () => 'date',
  toDriver: (value) => value.toString(),
  fromDriver: remembering((text) => Temporal.PlainDate.from(text)),
});

/** `bytea` and bytes. */
export const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => 'bytea',
});

/** Whole minor units of money. */
export const minor = (name: string) => bigint(name, { mode: 'bigint' });
