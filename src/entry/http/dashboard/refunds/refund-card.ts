import { momentText } from '../../../../domain/calendar/moment-text.ts';
import type { RefundTold } from '../../../../flows/views/refund-view.ts';
import { type Html, html } from '../../pages/html.ts';
import { moment, money } from '../frame/figures.ts';
import { stateMark } from '../frame/symbols.ts';

/** What was given back, or is to be: on the page of a charge and of a subscription. `more`: where all of them stand, if these are not all. */
export function refundCard(refunds: readonly RefundTold[], zone: string, more: string | null = null): Html {
  if (refunds.length === 0) return html``;
  const rows = refunds.map(({ refund, shown, fate }) => {
    const at = moment(Temporal.Instant.from(refund.asked_at), zone, momentText(refund.asked_at, zone));
    return html`<tr><th scope="row" class="nw"><a href="/refunds/${refund.id}">${at}</a></th><td class="n">${money(refund.amount, refund.currency)}</td><td class="nw">${stateMark(shown)}</td><td class="why">${fate}</td><td>${refund.note}</td><td>${refund.asked_by}</td></tr>`;
  });
  const heads = ['Asked', 'Amount', 'State', 'Why, and what comes next', 'Because', 'Asked by'].map(
    (name) => html`<th scope="col"${name === 'Amount' ? html` class="n"` : ''}>${name}</th>`,
  );
  const all = more === null ? '' : html`<p class="pad small"><a href="${more}">All refunds of it</a></p>`;
  return html`<section class="card" aria-labelledby="refunds"><div class="cap"><h2 id="refunds">Refunds</h2><p>What went back, or is to, newest first</p></div>
<div class="scroll" tabindex="0" role="region" aria-label="Refunds, as a table"><table class="t"><caption class="vh">Refunds, newest first</caption><thead><tr>${heads}</tr></thead><tbody>${rows}</tbody></table></div>${all}</section>`;
}
