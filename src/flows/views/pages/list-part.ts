import type { Database } from '../../../infra/database/db.ts';

/** Which part of a list is shown. `after` and `before` are places in it, as a link of it says; `before` of `last`: its end. */
export type Part = {
  readonly after: string | null;
  readonly before: string | null;
  readonly rows: number;
  /** Whether somebody asks for the whole of it to be counted. */
  readonly isCounted: boolean;
};

export const LAST = 'last';
/** More are counted only for who asks. */
export const MOST_COUNTED = 100_000;
/** The rows of a list wait no longer for what all of it comes to; and so long where somebody asks for that. */
const UNASKED_MS = 250;
const ASKED_MS = 1_500;

/** Why nobody knows how many a list has: they are more than are counted unasked, or it takes longer than a page waits for. */
export type Uncounted = 'many' | 'slow' | 'too_slow';
/** What a whole list comes to, or why that is not told. */
export type Counted<Total> =
  | { readonly totals: readonly Total[]; readonly uncounted: null }
  | { readonly totals: null; readonly uncounted: Uncounted };

/** How a list is counted: `most` is null where all of it is, else of more only so many and one are. */
export type Counting<Total> = {
  readonly totals: (db: Database, most: number | null) => Promise<readonly Total[]>;
  /** How many rows it has at least, along an index alone; null: no index has what the list is narrowed by. */
  readonly rows: ((db: Database, most: number) => Promise<number>) | null;
};

/** Counts a list as far as its page may take. Of a list that is too long for it no row is read. */
export async function counted<Total extends { readonly count: number }>(
  db: Database,
  { isCounted }: Pick<Part, 'isCounted'>,
  { totals: count, rows }: Counting<Total>,
): Promise<Counted<Total>> {
  const most = isCounted ? null : MOST_COUNTED;
  const totals = await db.soon(isCounted ? ASKED_MS : UNASKED_MS, async (within) => {
    const isMany = most !== null && rows !== null && (await rows(within, most)) > most;
    return isMany ? 'many' : await count(within, most);
  });
  if (totals === null) return { totals, uncounted: isCounted ? 'too_slow' : 'slow' };
  if (totals === 'many' || (most !== null && sumUp(totals) > most)) return { totals: null, uncounted: 'many' };
  return { totals, uncounted: null };
}

export function sumUp(totals: readonly { readonly count: number }[]): number {
  return totals.reduce((sum, { count }) => sum + count, 0);
}

/** How a list is read from a place on, or back from it, and how a place is written down with the number of its row; null: not known. */
export type Way<Row> = {
  readonly read: (at: string | null, limit: number, isBackward: boolean) => Promise<readonly Row[]>;
  readonly link: (row: Row, number: number | null) => string;
  readonly numberIn: (link: string) => number | null;
};

export type PlacedRows<Row> = {
  readonly rows: readonly Row[];
  /** The number of the first row here; null: not counted. */
  readonly place: number | null;
  /** Links to the pages beside it; null: there is none. */
  readonly next: string | null;
  readonly previous: string | null;
};

export const NO_ROWS = { rows: [], place: 1, next: null, previous: null } as const;

/** The rows of a part, and where the pages beside it are. What lies before a place is read backwards, and turned. */
export async function placedRows<Row>(part: Part, count: number | null, way: Way<Row>): Promise<PlacedRows<Row>> {
  const { rows, place, hasNext, hasPrevious } =
    part.before === null ? await onward(part, way) : await backward(part.before, part.rows, count, way);
  const [first, last] = [rows[0], rows.at(-1)];
  return {
    rows,
    place,
    next: hasNext && last !== undefined ? way.link(last, place === null ? null : place + rows.length) : null,
    previous: hasPrevious && first !== undefined ? way.link(first, place) : null,
  };
}

type Read<Row> = Pick<PlacedRows<Row>, 'rows' | 'place'> & { readonly hasNext: boolean; readonly hasPrevious: boolean };

async function onward<Row>({ after, rows: size }: Part, { read, numberIn }: Way<Row>): Promise<Read<Row>> {
  const rows = await read(after, size + 1, false);
  const place = after === null ? 1 : numberIn(after);
  return { rows: rows.slice(0, size), place, hasNext: rows.length > size, hasPrevious: after !== null };
}

async function backward<Row>(
  before: string,
  size: number,
  count: number | null,
  { read, numberIn }: Way<Row>,
): Promise<Read<Row>> {
  const isLast = before === LAST;
  const most = isLast && count !== null ? count % size || size : size;
  const rows = await read(isLast ? null : before, most + 1, true);
  const shown = rows.slice(0, most).toReversed();
  const end = isLast ? (count === null ? null : count + 1) : numberIn(before);
  const place = end === null ? null : Math.max(1, end - shown.length);
  return { rows: shown, place, hasNext: !isLast, hasPrevious: rows.length > most };
}
