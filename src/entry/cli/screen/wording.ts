export { moneyText } from '../../../domain/money/money-text.ts';

/** "2027-02-03 09:00", in a zone; "-" for none. */
export function timeText(instant: string | null, timeZone: string): string {
  if (instant === null) return '-';
  const local = Temporal.Instant.from(instant).toZonedDateTimeISO(timeZone);
  return `${local.toPlainDate().toString()} ${local.toPlainTime().toString({ smallestUnit: 'minute' })}`;
}

/** "1 charge", "2 charges". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** For what a charge is: "cycle 3"; "once" where it is for no cycle. */
export function placeText(cycle: number | null): string {
  return cycle === null ? 'once' : `cycle ${cycle}`;
}
