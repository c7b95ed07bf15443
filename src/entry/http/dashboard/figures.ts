const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
/** 30 Nov 2026. */
export function dayText(day: Temporal.PlainDate): string {
  return `${day.day} ${MONTHS[day.month - 1] ?? ''} ${day.year}`;
}

/** 09:00:38. */
export function clockText(at: Temporal.Instant, zone: string): string {
  return at.toZonedDateTimeISO(zone).toPlainTime().toString({ smallestUnit: 'second' });
}

/** 1 Dec 2026, 09:14:05. */
export function dayAndClock(at: Temporal.Instant, zone: string): string {
  return `${dayText(at.toZonedDateTimeISO(zone).toPlainDate())}, ${clockText(at, zone)}`;
}

/** Asia/Jakarta (UTC+7). */
export function zoneText(at: Temporal.Instant, zone: string): string {
  const [sign = '+', hours = '0', minutes = '00'] =
    /^([+-])(\d\d):(\d\d)$/.exec(at.toZonedDateTimeISO(zone).offset)?.slice(1) ?? [];
  return `${zone} (UTC${sign === '-' ? '\u2212' : '+'}${Number(hours)}${minutes === '00' ? '' : `:${minutes}`})`;
}
