/** Why a body is not read, in words for whoever sent it; 415 where it is written in something else than JSON in UTF-8. */
class BodyFault extends Error {
  override readonly name = 'BodyFault';
  readonly statusCode: 400 | 415;

  constructor(statusCode: 400 | 415, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]+)/i;

/**
 * The text of a body. Bytes that are no UTF-8 would all become the same replacement character, and two references of a
 * product one: they are refused, as is another charset than UTF-8.
 */
export function textOf(body: Buffer, contentType: string | undefined): string {
  const charset = CHARSET.exec(contentType ?? '')?.[1] ?? 'utf-8';
  if (!/^utf-?8$/i.test(charset)) throw new BodyFault(415, `Send JSON in UTF-8, not in the charset ${charset}.`);
  try {
    return UTF_8.decode(body);
  } catch {
    throw new BodyFault(400, 'The body has bytes that are not UTF-8: write it in UTF-8.');
  }
}

/** A string with the colon that makes it a key, if one follows; or a bracket. */
const SIGN = /"([^"\\]*(?:\\.[^"\\]*)*)"(\s*:)?|[{}[\]]/gs;

/** The first key that an object of a valid JSON text has twice; null: none. A parser would keep the last of them in silence. */
export function repeatedKey(json: string): string | null {
  const open: (Set<string> | null)[] = [];
  for (const [sign, written = '', colon] of json.matchAll(SIGN)) {
    if (sign === '{') open.push(new Set());
    else if (sign === '[') open.push(null);
    else if (sign === '}' || sign === ']') open.pop();
    else if (colon !== undefined) {
      const key = written.includes('\\') ? String(JSON.parse(`"${written}"`)) : written;
      const keys = open.at(-1);
      if (keys?.has(key) === true) return key;
      keys?.add(key);
    }
  }
  return null;
}

/** Whether a JSON value holds more fields and entries than this, at any depth. Counting ends there. */
export function holdsMoreThan(value: unknown, most: number): boolean {
  const open = [value];
  let count = 0;
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (typeof one !== 'object' || one === null) continue;
    const values: unknown[] = Object.values(one);
    count += values.length;
    if (count > most) return true;
    open.push(...values);
  }
  return false;
}
