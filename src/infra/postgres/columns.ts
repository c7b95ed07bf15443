import { bigint, customType } from 'drizzle-orm/pg-core';

/**
 * `timestamptz(3)` and Temporal.Instant. Whole milliseconds, so that what is read equals what was written; finer ones
 * are cut off, as Temporal does, and not rounded up into the future, as Postgres would.
 */
export const instant = customType<{ data: Temporal.Instant; driverData: string }>({
  dataType: () => 'timestamp (3) with time zone',
  toDriver: (value) => value.toString({ smallestUnit: 'millisecond' }),
  fromDriver: (value) => Temporal.Instant.from(value.replace(' ', 'T')),
});

/** `date` and Temporal.PlainDate: a day on the calendar, in no zone. */
export const plainDate = customType<{ data: Temporal.PlainDate; driverData: string }>({
  dataType: () => 'date',
  toDriver: (value) => value.toString(),
  fromDriver: (value) => Temporal.PlainDate.from(value),
});

/** `bytea` and bytes. */
export const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => 'bytea',
});

/** Whole minor units of money. */
export const minor = (name: string) => bigint(name, { mode: 'bigint' });
