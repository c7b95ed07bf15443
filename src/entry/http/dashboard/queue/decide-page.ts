import { actorOfSession, type Session } from '../../../../flows/access/sign-in.ts';
import { mayOpen } from '../../calls.ts';
import { type Html, html } from '../../pages/html.ts';
import { CHARGES, type Charge } from '../acts/charge-things.ts';
import type { Results } from '../acts/many.ts';
import { formToken } from '../frame/form.ts';
import type { Page } from '../frame/frame.ts';
import { stateMark } from '../frame/symbols.ts';

export type Choosing = {
  readonly subjects: readonly Charge[];
  readonly session: Session;
  readonly from: string;
  readonly csrf: string;
};

export const chosenField = (id: string) => `charge-${id}`;

/** What all of the chosen allow comes first; what only some of them allow says how many, and why the others do not stands on its page. */
export function choosePage({ subjects, session, from, csrf }: Choosing): Page {
  const actor = actorOfSession(session);
  const allowed = CHARGES.deeds
    .filter(({ verb }) => mayOpen(session.role, `${CHARGES.base}/${verb}`))
    .map((deed) => ({ deed, count: subjects.filter((one) => deed.refusal(one, actor) === null).length }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count);
  const all = subjects.length;
  const buttons = allowed.map(({ deed, count }) => {
    const many = count === all ? `all ${all}` : `${count} of ${all}`;
    return html`<button class="btn" name="verb" value="${deed.verb}">${deed.saying(many)}…</button>`;
  });
  const chosen = subjects.map(({ id }) => html`<input type="hidden" name="${chosenField(id)}" value="yes">`);
  const rows = subjects.map(
    (one) =>
      html`<tr><th scope="row"><a href="${one.path}">${one.name}</a></th><td class="n">${one.money ?? 'none'}</td><td>${stateMark(one.now)}</td></tr>`,
  );
  return {
    title: `Decide about ${all} charges`,
    crumbs: html`<a href="${from}">Back, nothing is changed by looking</a>`,
    heading: `Decide about ${all === 1 ? '1 charge' : `${all} charges`}`,
    lede:
      allowed.length === 0
        ? 'Nothing can be done with them by you as they stand.'
        : 'What is to be done? The next page shows what would happen to each, and asks why.',
    body: html`<section class="card" aria-labelledby="chosen"><div class="cap"><h2 id="chosen">The chosen</h2></div>
<form method="post" action="/queue/decide">${formToken(csrf)}<input type="hidden" name="from" value="${from}">${chosen}
<div class="filters">${buttons}<a class="btn" href="${from}">Go back, change nothing</a></div></form>
<table class="t"><caption class="vh">Chosen charges</caption><thead><tr><th scope="col">Charge</th><th scope="col" class="n">Amount</th><th scope="col">Now</th></tr></thead><tbody>${rows}</tbody></table></section>`,
  };
}

/** A page that says why nothing can be decided, and the way back. */
export function nothingChosen(why: string, from: string): Page {
  return {
    title: 'Problem: nothing to decide about',
    heading: 'Nothing to decide about',
    lede: why,
    body: html`<p><a class="btn" href="${from}">Go back and choose</a></p>`,
  };
}

/** What came of each. */
export function resultsPage({ heading, reason, rows }: Results): Page {
  const row = ({ name, path, money, isDone, said }: Results['rows'][number]): Html =>
    html`<tr><th scope="row"><a href="${path}">${name}</a></th><td class="n">${money}</td><td>${stateMark(isDone ? DONE : NOT_DONE)}</td><td>${said}</td></tr>`;
  return {
    title: heading,
    crumbs: html`<a href="/queue">Queue</a>`,
    heading,
    lede: html`Reason: “${reason}”. This page can be looked at for a day.`,
    body: html`<section class="card" aria-labelledby="results"><h2 id="results" class="vh">What came of each</h2>
<table class="t"><caption class="vh">What came of each</caption><thead><tr><th scope="col">What</th><th scope="col" class="n">Money</th><th scope="col">Done</th><th scope="col">What is so now, or why not</th></tr></thead><tbody>${rows.map(row)}</tbody></table></section>`,
  };
}

const DONE = { word: 'Done', shape: 'paid', tone: 'ok' } as const;
const NOT_DONE = { word: 'Not done', shape: 'warn', tone: 'wait' } as const;
