import { isCurrency } from '../../domain/money/money.ts';

export type Page<T> = { readonly data: readonly T[]; readonly next_cursor: string | null };

/** A cursor that is none of ours. */
export class CursorFault extends Error {
  override readonly name = 'CursorFault';
}

/** Where the next page begins, opaque to the caller. */
export function writeCursor(position: Readonly<Partial<Record<Part, string>>>): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What each part looks like, so strictly that Postgres takes whatever passes. */
const shapes = {
  id: (text: string) => uuid.test(text),
  subscriptionId: (text: string) => uuid.test(text),
  createdAt: isInstant,
  at: isInstant,
  bucket: (text: string) => /^\d{1,3}$/.test(text) && Number(text) < 256,
  seq: (text: string) => /^\d{1,9}$/.test(text),
  number: (text: string) => /^\d{1,9}$/.test(text),
  minor: (text: string) => /^\d{1,15}$/.test(text),
  urgency: (text: string) => /^\d{1,15}$/.test(text),
  currency: isCurrency,
  kind: (text: string) => text === 'cycle' || text === 'extra',
  reference: (text: string) => text.length <= 255 && text.isWellFormed() && !text.includes('\0'),
} as const;

type Part = keyof typeof shapes;

/** Reads a cursor back; null for the first page. Throws CursorFault for anything else than what `writeCursor` made. */
export function readCursor<Key extends Part>(cursor: string | null, keys: readonly Key[]): Record<Key, string> | null {
  if (cursor === null) return null;
  try {
    const parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as Record<string, unknown>;
    const pairs = keys.map((key) => {
      const value = parsed[key];
      if (typeof value !== 'string' || !shapes[key](value)) throw new CursorFault('not ours');
      return [key, value] as const;
    });
    return Object.fromEntries(pairs) as Record<Key, string>;
  } catch {
    throw new CursorFault('The cursor is none that a list has given: take next_cursor as it is.');
  }
}

function isInstant(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(text) && Temporal.Instant.from(text).epochMilliseconds >= 0
  );
}
