import { type Sql, sql } from '../../../database/sql.ts';

/** Whole days of a zone; `until` is not among them. */
export type DaySpan = { readonly from: Temporal.PlainDate; readonly until: Temporal.PlainDate; readonly zone: string };

/** How a statement tells which day of a span an instant lies in: by a number, since to write each row's day costs more than to read it. */
export function dayOfSpan(
  { from, until, zone }: DaySpan,
  instant: Sql,
): { readonly day: Sql; readonly within: Sql; nameOf(place: number): string } {
  const count = until.since(from).days;
  const days = Array.from({ length: count + 1 }, (_, index) => from.add({ days: index }));
  const starts = days.map((day) => day.toZonedDateTime(zone).toInstant().toString());
  return {
    day: sql`width_bucket(${instant}, ${starts}::timestamptz[])`,
    within: sql`${instant} >= ${starts[0] ?? null}::timestamptz and ${instant} < ${starts.at(-1) ?? null}::timestamptz`,
    nameOf: (place) => days[place - 1]?.toString() ?? '',
  };
}
