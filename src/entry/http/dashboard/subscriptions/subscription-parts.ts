import { dayText, momentText } from '../../../../domain/calendar/moment-text.ts';
import { methodWords } from '../../../../domain/methods/method-words.ts';
import type { Coming, SubscriptionPage } from '../../../../flows/views/pages/subscription-page.ts';
import { type Html, html } from '../../pages/html.ts';
import { moment, money } from '../frame/figures.ts';

/** A part with a small table: names at the left, figures at the right where the head begins with a star. */
function part(id: string, heading: string, about: string, heads: readonly string[], rows: readonly Html[]): Html {
  const head = heads.map(
    (name) => html`<th scope="col"${name.startsWith('*') ? html` class="n"` : ''}>${name.replace('*', '')}</th>`,
  );
  return html`<section class="card" aria-labelledby="${id}"><div class="cap"><h2 id="${id}">${heading}</h2><p>${about}</p></div>
<div class="scroll" tabindex="0" role="region" aria-label="${heading}, as a table"><table class="t"><caption class="vh">${heading}</caption><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div></section>`;
}

const when = (at: string, zone: string) => moment(Temporal.Instant.from(at), zone, momentText(at, zone));

/** The next tries and cycles, were nothing to happen meanwhile. */
export function comingPart({ coming, subscription }: SubscriptionPage): Html {
  if (coming.length === 0) return html``;
  const zone = subscription.time_zone;
  const rows = coming.map(
    (one) =>
      html`<tr><th scope="row" class="nw">${when(one.at, zone)}</th><td>${comingWords(one)}</td><td class="n">${money(one.amount, one.currency)}</td></tr>`,
  );
  return part('coming', 'What comes', 'Were nothing to happen meanwhile', ['When', 'What', '*Amount'], rows);
}

function comingWords({ cycle, isRetry }: Coming): string {
  const what = cycle === null ? 'the extra charge' : `cycle ${cycle}`;
  return isRetry ? `Retry of ${what}` : `${what.slice(0, 1).toUpperCase()}${what.slice(1)}`;
}

/** The last entries of its ledger, with who made them. */
export function happenedPart({ happened, subscription }: SubscriptionPage): Html {
  const zone = subscription.time_zone;
  const rows = happened.map(
    ({ at, what, why, actor }) =>
      html`<tr><th scope="row" class="nw">${when(at, zone)}</th><td>${what}${why === null ? '' : html` <span class="why">${why}</span>`}</td><td>${actor}</td></tr>`,
  );
  return part('happened', 'What happened', 'The last ten entries of its ledger', ['When', 'What', 'Who'], rows);
}

const ENDED_BY = { mandate: 'its mandate', card: 'what is printed on it', channel: 'its channel' } as const;

/** Every method that it ever had, with its life. */
export function methodsPart({ methods, subscription }: SubscriptionPage): Html {
  if (methods.length === 0) return html``;
  const zone = subscription.time_zone;
  const rows = methods.map((method) => {
    const { isInUse, savedAt, overAt, overWhy, endsOn, endsBy } = method;
    const end =
      overAt === null
        ? `${dayText(Temporal.PlainDate.from(endsOn))}, by ${ENDED_BY[endsBy]}`
        : `over since ${momentText(overAt.toString(), zone)}${overWhy === null ? '' : `: ${overWhy}`}`;
    const use = overAt !== null ? 'no' : isInUse ? 'charged first' : 'behind it';
    return html`<tr><th scope="row" class="nw">${methodWords(method)}</th><td>${use}</td><td class="nw">${when(savedAt.toString(), zone)}</td><td>${end}</td></tr>`;
  });
  return part('methods', 'Methods', 'Newest first', ['Method', 'In use', 'Saved', 'Until'], rows);
}

/** Sessions to save a method in; whoever may act sees the link while it is open. */
export function sessionsPart({ sessions, subscription }: SubscriptionPage, mayAct: boolean): Html {
  if (sessions.length === 0) return html``;
  const zone = subscription.time_zone;
  const rows = sessions.map(({ number, status, createdAt, expiresAt, closedAt, why, paymentLinkUrl }) => {
    const isOpen = status === 'active';
    const end = closedAt === null ? (expiresAt === null ? null : expiresAt.toString()) : closedAt.toString();
    const link = !isOpen
      ? html`<span class="quiet">closed</span>`
      : paymentLinkUrl === null || !mayAct
        ? html`<span class="quiet">open; the link is for product and admin</span>`
        : html`<a href="${paymentLinkUrl}" rel="noreferrer">Open the page of session ${String(number)}</a>`;
    return html`<tr><th scope="row">${String(number)}</th><td>${status}${why === null ? '' : html` <span class="why">${why}</span>`}</td><td class="nw">${when(createdAt.toString(), zone)}</td><td class="nw">${end === null ? 'not told' : html`${isOpen ? 'until ' : ''}${when(end, zone)}`}</td><td>${link}</td></tr>`;
  });
  return part(
    'sessions',
    'Sessions to save a method',
    'Newest first',
    ['Session', 'State', 'Opened', 'Closed', 'Link'],
    rows,
  );
}

/** What the customer was told and answered, and where that is kept. */
export function toldPart({ told, subscription }: SubscriptionPage): Html {
  if (told.length === 0) return html``;
  const zone = subscription.time_zone;
  const rows = told.map(
    ({ at, what, evidence, actor }) =>
      html`<tr><th scope="row" class="nw">${when(at.toString(), zone)}</th><td>${what}</td><td>${evidence ?? 'nowhere that was named'}</td><td>${actor}</td></tr>`,
  );
  return part(
    'told',
    'What they were told, and answered',
    'With where it is kept',
    ['When', 'What', 'Kept as', 'Who'],
    rows,
  );
}
