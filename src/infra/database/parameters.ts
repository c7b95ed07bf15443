/**
 * A value as postgres.js may send it. Drizzle switches off the driver's own writing of dates and of arrays of them, and
 * the driver takes an array of bigints or booleans for a single one: arrays are written here, as Postgres reads them.
 */
export function parameter(value: unknown): unknown {
  if (Array.isArray(value)) return arrayLiteral(value);
  if (value instanceof Temporal.Instant || value instanceof Temporal.PlainDate) return value.toString();
  return value;
}

/** Neighbours are often the same (a status, an instant, a currency): such a value is written once. */
function arrayLiteral(values: readonly unknown[]): string {
  let [before, text]: [unknown, string] = [null, element(null)];
  const texts = values.map((value) => {
    if (value !== before) [before, text] = [value, element(value)];
    return text;
  });
  return `{${texts.join(',')}}`;
}

function element(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return arrayLiteral(value);
  const text = plain(value);
  return needsEscape.test(text) ? `"${escaped(text)}"` : `"${text}"`;
}

const needsEscape = /["\\]/;

/** One after the other: a regular expression takes several times as long over the lines of a charge. */
function escaped(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('"', String.raw`\"`);
}

function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Temporal.Instant || value instanceof Temporal.PlainDate) return value.toString();
  if (value instanceof Uint8Array) return String.raw`\x${value.toHex()}`;
  return JSON.stringify(value);
}
