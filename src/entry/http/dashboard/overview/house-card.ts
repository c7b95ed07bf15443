import { shortDay } from '../../../../domain/calendar/moment-text.ts';
import type { Today } from '../../../../flows/views/pages/overview/today.ts';
import { type Html, html } from '../../pages/html.ts';
import { clockText, countText, lastsText, moment } from '../frame/figures.ts';
import { icon } from '../frame/symbols.ts';

/** So many minutes in line, or unprocessed, are more than a daemon that keeps up needs. */
const SLOW_MINUTES = 5;
/** So many are what no page leaves unsaid. */
const LATE_MINUTES = 15;
/** The books are compared once a day; a day more is one comparison that did not come to its end. */
const OLD_HOURS = 48;

type Told = { readonly text: Html | string; readonly tone: 'wait' | 'bad' | '' };

/** Whether the machine keeps up, in three lines: each in words, and loud when it is too much. */
export function houseRows(house: Today['house'], now: Temporal.Instant, zone: string): Html {
  const { oldest } = house;
  const line =
    oldest === null
      ? row('Oldest charge in line', '/health#line', { text: 'none', tone: '' })
      : row('Oldest charge in line', `/charges/${oldest.id}`, waiting(oldest.at, now));
  return html`<div class="cap"><h2>The house</h2><p><a href="/health">Health</a></p></div>
<table class="t"><caption class="vh">How the machine keeps up</caption><thead class="vh"><tr><th scope="col">What</th><th scope="col">How it is</th></tr></thead><tbody>
${line}${row('Webhooks unprocessed', '/health#webhooks', webhooks(house, now))}${row('Books compared with Xendit', '/health#books', books(house, now, zone))}</tbody></table>`;
}

function row(what: string, href: string, { text, tone }: Told): Html {
  const mark = tone === '' ? '' : html`<span class="st ${tone}">${icon('warn')}</span> `;
  return html`<tr><th scope="row">${what}</th><td class="n">${mark}<a href="${href}">${text}</a></td></tr>
`;
}

function waiting(since: Temporal.Instant, now: Temporal.Instant): Told {
  const minutes = now.since(since).total('minutes');
  const tone = minutes > LATE_MINUTES ? 'bad' : minutes > SLOW_MINUTES ? 'wait' : '';
  const bound = tone === 'bad' ? LATE_MINUTES : SLOW_MINUTES;
  const lasts = lastsText(since, now);
  return { text: tone === '' ? lasts : `${lasts}, more than ${bound} min`, tone };
}

function webhooks({ webhooks: count, oldestWebhook }: Today['house'], now: Temporal.Instant): Told {
  if (count === 0 || oldestWebhook === null) return { text: '0', tone: '' };
  const { text, tone } = waiting(oldestWebhook, now);
  return { text: html`${countText(count)}, the oldest ${text}`, tone };
}

function books({ sweptUntil, sweepFault }: Today['house'], now: Temporal.Instant, zone: string): Told {
  if (sweptUntil === null)
    return {
      text: sweepFault === null ? 'not yet' : 'not yet: the last comparison broke off',
      tone: sweepFault === null ? '' : 'wait',
    };
  const day = sweptUntil.toZonedDateTimeISO(zone).toPlainDate();
  const until = html`until ${moment(sweptUntil, zone, `${shortDay(day)}, ${clockText(sweptUntil, zone).slice(0, 5)}`)}`;
  const isOld = now.since(sweptUntil).total('hours') > OLD_HOURS;
  if (isOld) return { text: html`${until}, more than ${String(OLD_HOURS)} hours ago`, tone: 'bad' };
  return sweepFault === null
    ? { text: until, tone: '' }
    : { text: html`${until}; the last one broke off`, tone: 'wait' };
}
