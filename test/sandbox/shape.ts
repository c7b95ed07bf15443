import type { Json } from './stand.ts';

type Differences = { missing: string[]; added: string[]; retyped: string[] };

/**
 * How an answer differs in shape from a documented one: keys it lacks, keys it adds, keys of another type. A documented
 * null stands for a missing key, as real answers show (docs/xendit.md 2.3).
 */
export function differences(answer: Json, example: Json, at = ''): Differences {
  const found: Differences = { missing: [], added: [], retyped: [] };
  for (const key of Object.keys(example)) {
    const path = at === '' ? key : `${at}.${key}`;
    if (answer[key] === undefined) {
      if (example[key] !== null) found.missing.push(path);
    } else if (example[key] !== null && kindOf(answer[key]) !== kindOf(example[key])) {
      found.retyped.push(path);
    } else if (kindOf(example[key]) === 'object') {
      merge(found, differences(answer[key], example[key], path));
    }
  }
  const added = Object.keys(answer).filter((key) => !(key in example));
  found.added.push(...added.map((key) => (at === '' ? key : `${at}.${key}`)));
  return found;
}

/** The same, where nothing differs. */
export const NONE: Differences = { missing: [], added: [], retyped: [] };

function kindOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function merge(into: Differences, from: Differences): void {
  into.missing.push(...from.missing);
  into.added.push(...from.added);
  into.retyped.push(...from.retyped);
}
