import { dayText, momentText, shortDay } from '../../../../domain/calendar/moment-text.ts';
import { placeOf, type Step, storyOf } from '../../../../domain/charges/story/story.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import type { ChargePage, Room } from '../../../../flows/views/pages/charge-page.ts';
import { type Html, html } from '../../pages/html.ts';
import { lineOfTime } from '../frame/chart.ts';
import { clockText, moment } from '../frame/figures.ts';
import type { Page } from '../frame/frame.ts';
import { icon, type Shape, stateMark, type Tone } from '../frame/symbols.ts';

/** One charge: how it stands, what bounds it, and what happened to it and why. */
export function chargeDocument(shown: ChargePage, now: Temporal.Instant, zone: string, newestFirst: boolean): Page {
  const { charge, state } = shown;
  const { sentence, steps } = storyOf(charge);
  const sum = moneyText(charge.amount, charge.currency);
  const place = placeOf(charge);
  return {
    title: `${place} of ${charge.subscription_reference}, ${state.word.toLowerCase()}`,
    crumbs: html`<a href="/charges">Charges</a> / <a href="/subscriptions/${charge.subscription_id}">${charge.subscription_reference}</a>`,
    heading: html`${place} of <span class="nw">${charge.subscription_reference}</span>: <span class="nw">${sum}</span>`,
    lede: html`${stateMark(state, 'big')} ${sentence}`,
    body: html`${facts(shown)}${shown.room === null ? '' : room(shown.room, shown, now, zone)}${story(shown, steps, newestFirst)}
<p class="small quiet">The same story: <code>dueday charges explain ${charge.id}</code></p>`,
  };
}

function facts({ charge, channel }: ChargePage): Html {
  const due = momentText(charge.due_at, charge.time_zone);
  const { start, end } = charge.period;
  const all: readonly (readonly [string, Html | string])[] = [
    ['Subscription', html`<a href="/subscriptions/${charge.subscription_id}">${charge.subscription_reference}</a>`],
    ['Customer', charge.customer_reference ?? 'unnamed'],
    ['Plan', `${charge.plan}, version ${charge.catalog_version}`],
    ['Period', `${dayText(Temporal.PlainDate.from(start))} to ${dayText(Temporal.PlainDate.from(end))}`],
    ['Fell due', `${due}, ${charge.time_zone}`],
    ['Method', channel ?? 'none yet'],
    ['Collected', `${moneyText(charge.collected, charge.currency)} of ${moneyText(charge.amount, charge.currency)}`],
    ...(charge.refunded > 0 ? [['Refunded', moneyText(charge.refunded, charge.currency)] as const] : []),
    ['Charge', html`<span class="id">${charge.id}</span>`],
  ];
  const pairs = all.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  return html`<section class="card" aria-labelledby="facts"><h2 id="facts" class="vh">Facts</h2><dl class="facts">${pairs}</dl></section>`;
}

function room(left: Room, { charge }: ChargePage, now: Temporal.Instant, zone: string): Html {
  const { retries, spent, policy, then, window, mandateEnd } = left;
  // The step that is planned is spent with its decision; it is left until it is tried.
  const isPlanned = charge.next_attempt_at !== null && charge.attempts.at(-1)?.decision?.rule === 'ladder';
  const used = isPlanned ? spent - 1 : spent;
  const next = charge.next_attempt_at === null ? '' : `, planned for ${momentText(charge.next_attempt_at, zone)}`;
  const until =
    window === null ? 'begins with the first attempt' : `until ${momentText(window.until.toString(), zone)}`;
  const since = window === null ? 'not begun' : `since ${momentText(window.from.toString(), zone)}`;
  const rows: readonly (readonly [string, string, string])[] = [
    ['Ladder of the policy', `${used} of ${retries} retries`, `${retries - used}${next}`],
    ['Window of the policy', since, until],
    [
      'Mandate of the customer',
      'as they saved the method',
      mandateEnd === null ? 'no end' : `until ${dayText(mandateEnd)}`,
    ],
  ];
  const body = rows.map(([name, was, is]) => html`<tr><th scope="row">${name}</th><td>${was}</td><td>${is}</td></tr>`);
  return html`<section class="card" aria-labelledby="room"><div class="cap"><h2 id="room">What is left to try</h2>
<p>Policy ${policy} of version ${String(charge.catalog_version)}, then: ${then}</p></div>
${window === null ? '' : line(window, charge, now, zone)}
<table class="t"><caption class="vh">Bounds of this charge</caption><thead><tr><th scope="col">Bound</th><th scope="col">Used</th><th scope="col">Left</th></tr></thead>
<tbody>${body}</tbody></table></section>`;
}

type Window = NonNullable<Room['window']>;

/** The window as a line: each attempt, the planned one, now, and the end. */
function line({ from, until }: Window, charge: ChargePage['charge'], now: Temporal.Instant, zone: string): Html {
  const day = (at: Temporal.Instant) => shortDay(at.toZonedDateTimeISO(zone).toPlainDate());
  const mark = (at: string, [shape, tone]: readonly [Shape, Tone]) => ({ at: Temporal.Instant.from(at), shape, tone });
  const tried = charge.attempts.map(({ sent_at, outcome }) =>
    mark(sent_at, MARKS[outcome === 'succeeded' ? 'paid' : outcome === 'declined' ? 'declined' : 'unknown']),
  );
  const next = charge.next_attempt_at;
  const marks = next === null ? tried : [...tried, mark(next, MARKS.retry)];
  const plot = lineOfTime({ from, until, now, marks, begins: day(from), ends: `${day(until)}, window ends` });
  return html`<div class="pad"><figure>${plot}
<figcaption class="vh">${String(charge.attempts.length)} attempts since ${day(from)}; the window ends on ${day(until)}.</figcaption></figure></div>`;
}

const MARKS: Readonly<Record<Step['mark'], readonly [Shape, Tone]>> = {
  due: ['due', ''],
  attempting: ['attempting', 'go'],
  paid: ['paid', 'ok'],
  declined: ['uncollectible', 'bad'],
  unknown: ['unknown', 'person'],
  held: ['held', 'person'],
  void: ['void', ''],
  step: ['step', ''],
  retry: ['dunning', 'wait'],
};

function story({ charge }: ChargePage, steps: readonly Step[], newestFirst: boolean): Html {
  const shown = newestFirst ? steps.toReversed() : steps;
  const self = `/charges/${charge.id}`;
  const turned = newestFirst
    ? html`<a href="${self}">Oldest first</a> · newest first`
    : html`Oldest first · <a href="${self}?order=newest">newest first</a>`;
  return html`<section class="card" aria-labelledby="story"><div class="cap"><h2 id="story">What happened, and why</h2><p>${turned}</p></div>
<ol class="tl">${shown.map((step) => storyStep(step, charge.time_zone))}</ol></section>`;
}

/** A failure code stands in code type. */
const CODE = /\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b/;

function withCodes(text: string): readonly Html[] {
  return text.split(CODE).map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

function storyStep(step: Step, zone: string): Html {
  const at = Temporal.Instant.from(step.at);
  const [shape, tone] = MARKS[step.mark];
  const day = shortDay(at.toZonedDateTimeISO(zone).toPlainDate());
  const time = moment(at, zone, html`<b>${day}</b> ${clockText(at, zone)}${step.isAhead ? ', planned' : ''}`);
  const said = step.text.map((sentence) => html`${withCodes(sentence)} `);
  const decision = step.decision === null ? '' : html`<b>${step.decision}</b>`;
  const isSaid = said.length > 0 || step.decision !== null;
  const pairs = step.facts.map(([name, value]) => html`<dt>${name}</dt><dd><span class="id">${value}</span></dd>`);
  return html`<li${step.isAhead ? html` class="ahead"` : ''}>${time}${icon(shape, tone)}<div><h3>${step.heading}</h3>${
    isSaid ? html`<p>${said}${decision}</p>` : ''
  }${pairs.length === 0 ? '' : html`<details><summary>Ids and what was counted</summary><dl class="pairs">${pairs}</dl></details>`}</div></li>`;
}
