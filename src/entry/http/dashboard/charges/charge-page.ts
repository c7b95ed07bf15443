import { dayText, momentText, shortDay } from '../../../../domain/calendar/moment-text.ts';
import { type Asked, placeOf, type Step, storyOf } from '../../../../domain/charges/story/story.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import type { ChargePage, ShownFinding } from '../../../../flows/views/pages/charge-page.ts';
import { type Html, html } from '../../pages/html.ts';
import { clockText, moment } from '../frame/figures.ts';
import type { Page } from '../frame/frame.ts';
import { icon, type Shape, stateMark, type Tone } from '../frame/symbols.ts';
import { logAt } from '../log/log-query.ts';
import { refundCard } from '../refunds/refund-card.ts';
import { customerLink } from '../subscriptions/customer-link.ts';
import { linkTo } from './charge-query.ts';
import { roomCard } from './charge-room.ts';

/** Whose eyes see it, and how. */
export type Look = {
  readonly now: Temporal.Instant;
  readonly newestFirst: boolean;
  readonly mayReadLog: boolean;
  /** The page of a customer in the business's own system; null: the catalog names none. */
  readonly customerUrl: string | null;
};

/** One charge: how it stands, what bounds it, and what happened to it and why. */
export function chargeDocument(shown: ChargePage, { now, newestFirst, mayReadLog, customerUrl }: Look): Page {
  const { charge, state } = shown;
  const { time_zone: zone } = charge;
  const { sentence, steps, asked } = storyOf(charge);
  const sum = moneyText(charge.amount, charge.currency);
  const place = placeOf(charge);
  return {
    title: `${place} of ${charge.subscription_reference}, ${state.word.toLowerCase()}`,
    crumbs: html`<a href="/charges">Charges</a> / <a href="/subscriptions/${charge.subscription_id}">${charge.subscription_reference}</a>`,
    heading: html`${place} of <span class="nw">${charge.subscription_reference}</span>: <span class="nw">${sum}</span>`,
    lede: html`${stateMark(state, 'big')} ${sentence}`,
    zone,
    body: html`${facts(shown, customerUrl)}${askedCard(asked)}${shown.room === null ? '' : roomCard(shown.room, charge, now, zone)}${refundCard(shown.refunds, zone)}${found(shown.findings, zone)}${story(shown, steps, newestFirst)}
<p class="small quiet">The same story: <code>dueday charges explain ${charge.id}</code>.${mayReadLog ? html` Its <a href="${logAt({ find: charge.id })}">entries in the charge log</a>.` : ''}</p>`,
  };
}

function facts({ charge, method, customer }: ChargePage, customerUrl: string | null): Html {
  const due = momentText(charge.due_at, charge.time_zone);
  const { start, end } = charge.period;
  const all: readonly (readonly [string, Html | string])[] = [
    ['Subscription', html`<a href="/subscriptions/${charge.subscription_id}">${charge.subscription_reference}</a>`],
    [
      'Customer',
      charge.customer_reference === null
        ? 'unnamed'
        : customer !== null && customerUrl !== null
          ? html`${customerLink(customerUrl, customer)}, <a href="${linkTo({ customer })}">their charges</a>`
          : html`<a href="${linkTo({ customer: charge.customer_reference })}">${charge.customer_reference}</a>`,
    ],
    ['Plan', `${charge.plan}, version ${charge.catalog_version}`],
    ['Period', `${dayText(Temporal.PlainDate.from(start))} to ${dayText(Temporal.PlainDate.from(end))}`],
    ['Fell due', `${due}, ${charge.time_zone}`],
    ['Method', methodText(method)],
    ['Collected', `${moneyText(charge.collected, charge.currency)} of ${moneyText(charge.amount, charge.currency)}`],
    ...(charge.overpaid > 0 ? [['Paid too much', moneyText(charge.overpaid, charge.currency)] as const] : []),
    ...(charge.refunded > 0 ? [['Refunded', moneyText(charge.refunded, charge.currency)] as const] : []),
    ['Charge', html`<span class="id">${charge.id}</span>`],
  ];
  const pairs = all.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  return html`<section class="card" aria-labelledby="facts"><h2 id="facts" class="vh">Facts</h2><dl class="facts">${pairs}</dl></section>`;
}

/** What Xendit wants of its customer now. An address is its customer's alone; whoever built the product reads it in the API's answer. */
function askedCard(asked: readonly Asked[]): Html {
  if (asked.length === 0) return html``;
  const rows = asked.map(({ words, value, isForAll }) => {
    const shown = isForAll
      ? html`<span class="id">${value}</span>`
      : html`<span class="quiet">kept from this page</span>`;
    return html`<div><dt>${sentenceOf(words)}</dt><dd>${shown}</dd></div>`;
  });
  return html`<section class="card" aria-labelledby="asked"><div class="cap"><h2 id="asked">What its customer is asked</h2><p>As Xendit says it</p></div><dl class="facts">${rows}</dl></section>`;
}

function methodText(method: ChargePage['method']): string {
  if (method === null) return 'none yet';
  return `${method.words}, ${method.isActive ? 'ends' : 'over; it would have ended'} ${dayText(method.endsOn)}`;
}

/** What our books and Xendit's disagree about, and what a person has to act on. */
function found(findings: readonly ShownFinding[], zone: string): Html {
  if (findings.length === 0) return html``;
  const rows = findings.map(({ kind, why, foundAt, closedAt, closedWhy, refund }) => {
    const state =
      closedAt === null
        ? stateMark({ word: 'Open', shape: 'warn', tone: 'person' })
        : html`closed on ${momentText(closedAt.toString(), zone)}: ${closedWhy ?? ''}`;
    const money = refund === null ? html`<span class="quiet">none</span>` : moneyText(refund.amount, refund.currency);
    return html`<tr><th scope="row">${sentenceOf(kind)}</th><td>${why}</td><td>${moment(foundAt, zone, momentText(foundAt.toString(), zone))}</td><td class="n">${money}</td><td>${state}</td></tr>`;
  });
  return html`<section class="card" aria-labelledby="found"><div class="cap"><h2 id="found">What was found about it</h2><p>By the comparison of our books with Xendit’s</p></div>
<div class="scroll" tabindex="0" role="region" aria-label="Findings about this charge"><table class="t"><caption class="vh">Findings about this charge, oldest first</caption><thead><tr><th scope="col">What</th><th scope="col">Why</th><th scope="col">Found</th><th scope="col" class="n">Refund proposed</th><th scope="col">State</th></tr></thead>
<tbody>${rows}</tbody></table></div></section>`;
}

/** "unrecorded_payment" as it begins a row. */
function sentenceOf(kind: string): string {
  const words = kind.replaceAll('_', ' ');
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
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
