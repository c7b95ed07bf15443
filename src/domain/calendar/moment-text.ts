const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** 30 Nov 2026. */
export function dayText(day: Temporal.PlainDate): string {
  return `${shortDay(day)} ${day.year}`;
}

/** 30 Nov. */
export function shortDay(day: Temporal.PlainDate): string {
  return `${day.day} ${MONTHS[day.month - 1] ?? ''}`;
}

/** 1 Dec 2026, 09:00: of an instant as we write them, in a zone. */
export function momentText(instant: string, timeZone: string): string {
  const local = Temporal.Instant.from(instant).toZonedDateTimeISO(timeZone);
  return `${dayText(local.toPlainDate())}, ${local.toPlainTime().toString({ smallestUnit: 'minute' })}`;
}
