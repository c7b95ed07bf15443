import { customType } from 'drizzle-orm/pg-core';

/** `timestamptz(3)` and Temporal.Instant: whole milliseconds, so that what is read equals what was written. */
export const instant = customType<{ data: Temporal.Instant; driverData: string }>({
  dataType: () => 'timestamp (3) with time zone',
  toDriver: (value) => value.toString({ smallestUnit: 'millisecond' }),
  fromDriver: (value) => Temporal.Instant.from(value.replace(' ', 'T')),
});

/** `date` and Temporal.PlainDate. */
export const plainDate = customType<{ data: Temporal.PlainDate; driverData: string }>({
  dataType: () => 'date',
  toDriver: (value) => value.toString(),
  fromDriver: (value) => Temporal.PlainDate.from(value),
});
