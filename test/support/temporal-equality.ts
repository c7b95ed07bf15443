import { expect } from 'vitest';

const KINDS = [
  Temporal.Instant,
  Temporal.PlainDate,
  Temporal.PlainTime,
  Temporal.PlainDateTime,
  Temporal.ZonedDateTime,
];

/**
 * An object of Temporal has no fields of its own, so `toMatchObject` takes any of them for any other. With this it asks them
 * whether they are the same moment.
 */
expect.addEqualityTesters([
  (a: unknown, b: unknown) => {
    const kind = KINDS.find((one) => a instanceof one);
    if (kind === undefined || !(b instanceof kind)) return undefined;
    return String(a) === String(b);
  },
]);
