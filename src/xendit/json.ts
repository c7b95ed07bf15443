/** A JSON text as read, or why it cannot be trusted. */
type ReadJson =
  | { readonly kind: 'read'; readonly value: unknown }
  | { readonly kind: 'garbage'; readonly fault: string };

type Reviver = (this: unknown, name: string, value: unknown, context: { readonly source?: string }) => unknown;

// Node 26 has both, TypeScript's library not yet.
const exact = JSON as unknown as { parse(text: string, reviver: Reviver): unknown; rawJSON(text: string): unknown };

// Every string of the text, and the colon that makes it a name. On well-formed JSON this finds all names.
const STRINGS = /"(?:[^"\\]|\\.)*"(\s*:)?/gs;

/**
 * Reads a JSON text exactly. A number that a double cannot carry as it was written (1.10, 1e400, 17 digits) stays
 * the text it was. A name given twice is garbage: two readers of the same answer would believe different things.
 */
export function readJson(text: string): ReadJson {
  const plain = readPlainly(text);
  return plain === undefined ? readClosely(text) : { kind: 'read', value: plain };
}

/**
 * What is written again exactly as it came lost nothing on the way: neither a digit nor a second value of a name. Most
 * answers are like that, and five times cheaper this way. Undefined: it must be looked at closely.
 */
function readPlainly(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

function readClosely(text: string): ReadJson {
  // Not for the root, whose holder is an object that JSON.parse makes.
  let kept = -1;
  const reviver: Reviver = function (_name, value, { source }) {
    if (!Array.isArray(this)) kept += 1;
    return typeof value === 'number' && source !== undefined && String(value) !== source ? source : value;
  };
  try {
    const value = exact.parse(text, reviver);
    return writtenNames(text) === kept
      ? { kind: 'read', value }
      : { kind: 'garbage', fault: 'JSON with a name given twice' };
  } catch {
    return { kind: 'garbage', fault: text.trim() === '' ? 'an empty body' : 'not JSON' };
  }
}

/** A number whose digits are written as they are, which a double would not carry. */
export type ExactNumber = { readonly rawJSON: string };

/** A number for JSON.stringify that is written with exactly these digits. */
export function exactNumber(digits: string): ExactNumber {
  return exact.rawJSON(digits) as ExactNumber;
}

function writtenNames(text: string): number {
  let names = 0;
  for (const [, colon] of text.matchAll(STRINGS)) if (colon !== undefined) names += 1;
  return names;
}
