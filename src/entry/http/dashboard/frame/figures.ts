import { dayText } from '../../../../domain/calendar/moment-text.ts';
import { amountText } from '../../../../domain/money/money-text.ts';
import { type Html, html } from '../../pages/html.ts';

/** 12,304. */
export function countText(count: number): string {
  return count.toLocaleString('en');
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
