export type Page<T> = { readonly data: readonly T[]; readonly next_cursor: string | null };

/** A cursor that is none of ours. */
export class CursorFault extends Error {
  override readonly name = 'CursorFault';
}

/** Where the next page begins, opaque to the caller. */
export function writeCursor(position: Readonly<Record<string, string | number>>): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

const shapes: Readonly<Record<string, RegExp>> = {
  id: /^[0-9a-f-]{36}$/,
  subscriptionId: /^[0-9a-f-]{36}$/,
  createdAt: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
  at: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
};

/** Reads a cursor back; null for the first page. Throws CursorFault for anything else than what `writeCursor` made. */
export function readCursor<Key extends string>(
  cursor: string | null,
  keys: readonly Key[],
): Record<Key, string> | null {
  if (cursor === null) return null;
  try {
    const parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as Record<string, unknown>;
    const pairs = keys.map((key) => {
      const value = parsed[key];
      if (typeof value !== 'string' || shapes[key]?.test(value) === false) throw new CursorFault('not ours');
      return [key, value] as const;
    });
    return Object.fromEntries(pairs) as Record<Key, string>;
  } catch {
    throw new CursorFault('The cursor is none that a list has given: take next_cursor as it is.');
  }
}
