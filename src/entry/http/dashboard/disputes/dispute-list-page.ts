import { momentText } from '../../../../domain/calendar/moment-text.ts';
import { type DisputeState, disputeStates } from '../../../../domain/disputes/dispute.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import type { Page as Part } from '../../../../flows/views/cursor.ts';
import type { ListedDispute } from '../../../../flows/views/pages/dispute-list.ts';
import { type Html, html } from '../../pages/html.ts';
import { countText } from '../frame/figures.ts';
import type { Page } from '../frame/frame.ts';
import { stateMark } from '../frame/symbols.ts';
import { DISPUTE_STATES } from './dispute-words.ts';

export type ShownDisputes = {
  readonly part: Part<ListedDispute>;
  readonly state: DisputeState | undefined;
  readonly zone: string;
};

/** Disputes: those first that have to be answered soonest. */
export function disputesDocument({ part, state, zone }: ShownDisputes): Page {
  const { data, next_cursor: next } = part;
  const rows = data.map((one) => row(one, zone));
  const onward =
    next === null
      ? ''
      : html`<nav class="pages" aria-label="Pages of the list"><ul><li><a class="btn" href="${listAt(state, next)}">Next ${countText(data.length)}</a></li></ul></nav>`;
  const table = html`<div class="scroll" tabindex="0" role="region" aria-label="Disputes"><table class="t"><caption class="vh">Disputes, those first that have to be answered soonest</caption><thead><tr><th scope="col">Answer by</th><th scope="col">Charge of</th><th scope="col">State</th><th scope="col" class="n">Disputed</th><th scope="col" class="n">The bank has</th><th scope="col">Raised</th></tr></thead><tbody>${rows}</tbody></table></div>`;
  return {
    title: 'Disputes',
    heading: 'Disputes',
    lede: 'Payments that customers dispute with their bank. They are accepted or challenged in Xendit’s dashboard; what nobody answers in time is lost.',
    body: html`${tabs(state)}<section class="card" aria-labelledby="listed"><h2 id="listed" class="vh">Listed</h2>${data.length === 0 ? html`<p class="pad">${state === undefined ? 'No payment is or was disputed.' : 'No dispute is in this state.'}</p>` : table}${onward}</section>`,
  };
}

function row(dispute: ListedDispute, zone: string): Html {
  const { id, answer_by, reference, state, amount, held, currency, opened_at } = dispute;
  const until = answer_by === null ? html`<span class="quiet">nobody says</span>` : momentText(answer_by, zone);
  return html`<tr><th scope="row"><a href="/disputes/${id}">${until}</a></th><td>${reference}</td><td>${stateMark(DISPUTE_STATES[state])}</td><td class="n">${moneyText(amount, currency)}</td><td class="n">${moneyText(held, currency)}</td><td>${momentText(opened_at, zone)}</td></tr>`;
}

function listAt(state: DisputeState | undefined, cursor: string | null): string {
  const query = new URLSearchParams({ ...(state !== undefined && { state }), ...(cursor !== null && { cursor }) });
  return query.size === 0 ? '/disputes' : `/disputes?${query.toString()}`;
}

function tabs(here: DisputeState | undefined): Html {
  const tab = (name: string, state: DisputeState | undefined) =>
    html`<a href="${listAt(state, null)}"${state === here ? html` aria-current="page"` : ''}>${name}</a>`;
  const states = disputeStates.map((state) => tab(DISPUTE_STATES[state].word, state));
  return html`<nav class="tabs" aria-label="By state">${tab('All', undefined)}${states}</nav>`;
}
