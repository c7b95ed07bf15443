import { momentText } from '../../../../domain/calendar/moment-text.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import type { showVersion } from '../../../../flows/catalog/show-catalog.ts';
import { type Html, html } from '../../pages/html.ts';
import { moment } from '../frame/figures.ts';
import type { Page } from '../frame/frame.ts';

export type ShownVersion = NonNullable<Awaited<ReturnType<typeof showVersion>>>;

/** One version of the catalog: when it came in force, by whom and why, what it sold, and its whole text. */
export function versionDocument(shown: ShownVersion, zone: string): Page {
  const name = `Version ${shown.version}`;
  return {
    title: `${name} of the catalog`,
    crumbs: html`<a href="/plans">Plans</a> / ${name}`,
    heading: `${name} of the catalog`,
    lede: sentence(shown, zone),
    body: html`${applies(shown, zone)}${plans(shown)}${text(shown)}`,
  };
}

function sentence({ in_force: inForce, applied, stored_at: stored }: ShownVersion, zone: string): string {
  const [last] = applied;
  if (last === undefined) return `It was stored on ${momentText(stored, zone)}, and never came in force.`;
  const when = `on ${momentText(last.at, zone)}, by ${last.by}`;
  return inForce
    ? `It is in force. It came in force ${when}.`
    : `It is not in force any more. It came in force ${when}.`;
}

function applies({ applied, digest }: ShownVersion, zone: string): Html {
  if (applied.length === 0) return html``;
  const rows = applied.map(
    ({ at, by, reason, from_version: from }) =>
      html`<tr role="row"><th role="rowheader" scope="row" class="l first">${moment(Temporal.Instant.from(at), zone, momentText(at, zone))}</th><td role="cell" class="l">${by}</td><td role="cell" class="r first">${from === null ? 'none' : html`<a href="/plans/versions/${String(from)}">Version ${String(from)}</a>`}</td><td role="cell" class="why full">${reason ?? 'no reason was given'}</td></tr>`,
  );
  const heads = ['Came in force', 'By', 'In the place of', 'Why'].map(
    (name) => html`<th role="columnheader" scope="col">${name}</th>`,
  );
  return html`<section class="card" aria-labelledby="applies"><div class="cap"><h2 id="applies">When it came in force</h2><p>Digest <code class="id">${digest}</code></p></div>
<table class="t stack" role="table"><caption class="vh">Each time that it came in force, the last one first</caption><thead role="rowgroup"><tr role="row">${heads}</tr></thead><tbody role="rowgroup">${rows}</tbody></table></section>`;
}

function plans({ plans: all }: ShownVersion): Html {
  if (all === null)
    return html`<section class="card" aria-labelledby="plans"><div class="cap"><h2 id="plans">What it sold</h2></div><p class="pad">This dueday cannot read it any more; its text stands below.</p></section>`;
  const rows = all.map(
    ({ plan, name, amount, currency, interval }) =>
      html`<tr><th scope="row">${name} <code>${plan}</code></th><td class="n">${moneyText(amount, currency)}</td><td>every ${interval}</td></tr>`,
  );
  return html`<section class="card" aria-labelledby="plans"><div class="cap"><h2 id="plans">What it sold</h2></div>
<table class="t"><caption class="vh">Plans of this version</caption><thead><tr><th scope="col">Plan</th><th scope="col" class="n">Price</th><th scope="col">Charged</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}

function text({ source }: ShownVersion): Html {
  return html`<section class="card" aria-labelledby="text"><div class="cap"><h2 id="text">Its text</h2><p>As it was stored, for ever</p></div>
<div class="scroll pad" role="region" aria-label="The text of this version" tabindex="0"><pre><code>${source}</code></pre></div></section>`;
}
