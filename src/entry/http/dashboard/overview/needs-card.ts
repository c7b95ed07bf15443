import { shortDay } from '../../../../domain/calendar/moment-text.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import type { Matter } from '../../../../flows/queue/matter.ts';
import type { Queue } from '../../../../flows/queue/queue.ts';
import { type Html, html } from '../../pages/html.ts';
import { countUntil, lastsText } from '../frame/figures.ts';

const SHOWN = 5;

/** What waits for a person: the most urgent, in the order of the queue. */
export function needsRows({ matters, cut }: Queue, now: Temporal.Instant, zone: string): Html {
  const all =
    matters.length === 0 ? '' : html`<p><a href="/queue">All ${countUntil(matters.length, cut.size > 0)}</a></p>`;
  const head = html`<div class="cap"><h2 id="needs">Needs a person</h2>${all}</div>`;
  if (matters.length === 0) return html`${head}<p class="pad quiet">Nothing waits for a person.</p>`;
  const rows = matters.slice(0, SHOWN).map((matter) => {
    const { title, path, stake } = matter;
    const [what, about] = title.split(': ');
    const money =
      stake === null ? html`<span class="quiet">no money</span>` : html`${moneyText(stake.amount, stake.currency)}`;
    return html`<tr><th scope="row"><a href="${path}">${what ?? title}</a><br><small class="quiet">${about ?? ''}</small></th><td class="n">${money}<br><small class="quiet">${whenText(matter, now, zone)}</small></td></tr>
`;
  });
  return html`${head}<table class="t"><caption class="vh">The most urgent matters</caption><thead class="vh"><tr><th scope="col">Matter</th><th scope="col">Money</th></tr></thead><tbody>${rows}</tbody></table>`;
}

/** Until when it is to be decided, or how old it is. */
function whenText({ decideBy, since }: Matter, now: Temporal.Instant, zone: string): string {
  if (decideBy !== null) return `by ${shortDay(decideBy.at.toZonedDateTimeISO(zone).toPlainDate())}`;
  return `for ${lastsText(since, now)}`;
}
