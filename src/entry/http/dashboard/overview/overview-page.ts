import type { ChargingStanding } from '../../../../domain/control/readiness.ts';
import type { Queue } from '../../../../flows/queue/queue.ts';
import type { ChannelRates } from '../../../../flows/views/pages/overview/channel-rates.ts';
import type { LastDays } from '../../../../flows/views/pages/overview/last-days.ts';
import type { Today } from '../../../../flows/views/pages/overview/today.ts';
import { type Html, html } from '../../pages/html.ts';
import { clockOnly, countText, countUntil, longDay } from '../frame/figures.ts';
import type { Page } from '../frame/frame.ts';
import { channelsCard } from './channels-card.ts';
import { type Coming, comingCard } from './coming-card.ts';
import { daysCard } from './days-card.ts';
import { chargesDue } from './due-links.ts';
import { houseRows } from './house-card.ts';
import type { Found } from './kept-part.ts';
import { needsRows } from './needs-card.ts';
import { type Pace, type SecondCount, todayCard } from './today-card.ts';

/** What the page shows. A part that is null took too long. */
export type Overview = {
  readonly today: Today;
  readonly queue: Queue;
  readonly second: SecondCount | null;
  readonly days: Found<LastDays> | null;
  readonly channels: Found<ChannelRates> | null;
  /** Null: whoever looks may not read the forecast. */
  readonly coming: Coming | null;
  readonly charging: ChargingStanding['charging'];
};

export function overviewDocument(shown: Overview, pace: Pace): Page {
  const { today } = shown;
  const heading = longDay(today.day);
  const title = `Overview, ${heading}`;
  if (today.house.isEmpty)
    return { title, heading, lede: 'Nothing is subscribed yet, so nothing falls due.', body: firstDay() };
  return {
    title,
    heading,
    lede: html`${answer(shown, pace)} ${waiting(shown.queue)}`,
    body: html`<div class="two wide">${todayCard(today, shown.second, pace)}
<section class="card" aria-labelledby="needs">${needsRows(shown.queue, pace.now, pace.zone)}${houseRows(today.house, pace.now, pace.zone)}</section></div>
${backAndAhead(shown, pace.zone)}
${shown.channels === null ? late('channels', 'Collected at the first try, by channel') : channelsCard(shown.channels, pace.zone)}`,
  };
}

function backAndAhead({ days, coming }: Overview, zone: string): Html {
  const back = days === null ? late('days', 'Last 30 days') : daysCard(days, zone);
  return coming === null
    ? back
    : html`<div class="two">${back}
${comingCard(coming)}</div>`;
}

/** The parts that can be looked at alone. */
export const overviewParts = ['days', 'channels'] as const;
export type OverviewPart = (typeof overviewParts)[number];

/** One part alone, which has the whole time for itself. */
export function partDocument(card: Html, day: Temporal.PlainDate): Page {
  return {
    title: `Overview, ${longDay(day)}, one part`,
    crumbs: html`<a href="/">Overview</a>`,
    heading: longDay(day),
    lede: 'One part of the overview.',
    body: card,
  };
}

function late(part: OverviewPart, heading: string): Html {
  return html`<section class="card" aria-labelledby="${part}"><div class="cap"><h2 id="${part}">${heading}</h2></div><p class="pad">This took longer than 2 s. <a href="/?part=${part}">Show it alone</a></p></section>`;
}

function answer({ today, charging }: Overview, { zone }: Pace): Html {
  const { day, whole, states, finish, next } = today;
  if (whole.count === 0) return html`Nothing fell due today. ${nextText(next, day, zone)}`;
  const of = (state: 'paid' | 'due') => {
    const count = states.find((one) => one.state === state)?.count ?? 0;
    return { count, link: figure(count, chargesDue(day, day, { state })) };
  };
  const [paid, due] = [of('paid'), of('due')];
  const fell = html`${figure(whole.count, chargesDue(day, day))} ${whole.count === 1 ? 'charge' : 'charges'} fell due today.`;
  const waits =
    due.count === 0
      ? 'and none is in line any more'
      : html`${due.link} ${due.count === 1 ? 'is' : 'are'} still in line${ending(charging, finish, zone)}`;
  return html`${fell} ${paid.link} ${paid.count === 1 ? 'is' : 'are'} paid, ${waits}.`;
}

function waiting({ matters, cut }: Queue): Html {
  const count = matters.length;
  if (count === 0) return html`Nothing waits for a person.`;
  return html`<a href="/queue"><b>${countUntil(count, cut.size > 0)}</b></a> ${count === 1 ? 'matter waits' : 'matters wait'} for a person.`;
}

function ending(charging: ChargingStanding['charging'], finish: Temporal.Instant | null, zone: string): Html {
  if (charging !== 'on') return html`, and stay there: charging is ${charging === 'stopped' ? 'stopped' : 'not armed'}`;
  return finish === null ? html`` : html` and done by about <b>${clockOnly(finish, zone)}</b>`;
}

function nextText(next: Today['next'], today: Temporal.PlainDate, zone: string): Html {
  if (next === null) return html`No subscription has a cycle planned.`;
  const { at, day, count } = next;
  const when = day.equals(today.add({ days: 1 })) ? 'tomorrow' : `on ${longDay(day)}`;
  const list = `/subscriptions?${new URLSearchParams({ next_from: day.toString(), next_to: day.toString() }).toString()}`;
  return html`The next cycle${count === 1 ? '' : 's'}, ${figure(count, list)}, fall${count === 1 ? 's' : ''} due ${day.equals(today) ? 'today' : when} from <b>${clockOnly(at, zone)}</b>.`;
}

function figure(count: number, href: string): Html {
  return html`<a href="${href}"><b>${countText(count)}</b></a>`;
}

/** What will stand here, and the one call or command that fills it. */
function firstDay(): Html {
  return html`<section class="card" aria-labelledby="first"><div class="cap"><h2 id="first">What will stand here</h2></div><div class="pad"><p>How the day goes: what fell due, by its state, with a count that proves it; what waits for a person; the last and the next 30 days; and what the first try collects over each channel.</p>
<p>It begins with the first subscription: <code>POST /v1/subscriptions</code>, or a whole book at once with <code>dueday import FILE</code>.</p></div></section>`;
}
