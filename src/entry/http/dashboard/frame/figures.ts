import { dayText } from '../../../../domain/calendar/moment-text.ts';
import { amountText } from '../../../../domain/money/money-text.ts';
import { type Html, html } from '../../pages/html.ts';

/** 12,304. */
export function countText(count: number): string {
  return count.toLocaleString('en');
}

/** 71.0 %: of named rows; never all or none of them where only rounding says so. */
export function rateText(part: number, whole: number): string {
  if (whole === 0) return 'none yet';
  const percent = ((100 * part) / whole).toFixed(1);
  if (part < whole && percent === '100.0') return 'more than 99.9 %';
  if (part > 0 && percent === '0.0') return 'less than 0.1 %';
  return `${percent} %`;
}

/** An amount where a column has several currencies: the figure first to the eye, and minus as it is printed. */
export function money(amount: number, currency: string): Html {
  return html`<span class="quiet">${currency}</span> ${amountText(amount, currency).replace('-', '\u2212')}`;
}

/** 09:00:38. */
export function clockText(at: Temporal.Instant, zone: string): string {
  return at.toZonedDateTimeISO(zone).toPlainTime().toString({ smallestUnit: 'second' });
}

/** 1 Dec 2026, 09:14:05. */
export function dayAndClock(at: Temporal.Instant, zone: string): string {
  return `${dayText(at.toZonedDateTimeISO(zone).toPlainDate())}, ${clockText(at, zone)}`;
}

/** A moment as an element: read by people in one zone, and by programs with its offset. */
export function moment(at: Temporal.Instant, zone: string, shown: Html | string): Html {
  const exact = at.toZonedDateTimeISO(zone).toString({ smallestUnit: 'second', timeZoneName: 'never' });
  return html`<time datetime="${exact}">${shown}</time>`;
}

/** Asia/Jakarta (UTC+7). */
export function zoneText(at: Temporal.Instant, zone: string): string {
  const [sign = '+', hours = '0', minutes = '00'] =
    /^([+-])(\d\d):(\d\d)$/.exec(at.toZonedDateTimeISO(zone).offset)?.slice(1) ?? [];
  return `${zone} (UTC${sign === '-' ? '\u2212' : '+'}${Number(hours)}${minutes === '00' ? '' : `:${minutes}`})`;
}

/** "62.1 %": never all or none where it is only nearly so. */
export function shareText(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '0 %';
  if (part === whole) return '100 %';
  const share = (part / whole) * 100;
  if (share < 0.1) return '< 0.1 %';
  return share > 99.9 ? '> 99.9 %' : `${share.toFixed(1)} %`;
}

/** "14 min", "3 h 5 min", "2 days": how long something waits. */
export function lastsText(since: Temporal.Instant, now: Temporal.Instant): string {
  const seconds = Math.max(0, Math.floor(now.since(since).total('seconds')));
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3_600), Math.floor(seconds / 86_400)];
  if (days > 1) return `${days} days`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** 09:21. */
export function clockOnly(at: Temporal.Instant, zone: string): string {
  return clockText(at, zone).slice(0, 5);
}

/** Tuesday, 1 December 2026. */
export function longDay(day: Temporal.PlainDate): string {
  return day
    .toLocaleString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
    .replace(/^(\w+) /, '$1, ');
}

/** "1,000+": counting ended before the last of them. */
export function countUntil(count: number, isCut: boolean): string {
  return `${countText(count)}${isCut ? '+' : ''}`;
}
