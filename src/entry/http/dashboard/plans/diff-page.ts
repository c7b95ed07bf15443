import { moneyText } from '../../../../domain/money/money-text.ts';
import type { CatalogDiff, Diffed, PlanDiff } from '../../../../flows/edits/diff-catalog.ts';
import { diffWords } from '../../../cli/screen/diff-words.ts';
import { type Html, html } from '../../pages/html.ts';
import { countText } from '../frame/figures.ts';
import type { Page } from '../frame/frame.ts';
import { icon } from '../frame/symbols.ts';

/** `file`: as its admin knows it. */
export type ShownDiff = { readonly diffed: Diffed; readonly file: string };

const crumbs = html`<a href="/plans">Plans</a> / The file on disk`;

/** What the file on disk would change, and for whom: the same that `dueday catalog diff` says. */
export function diffDocument({ diffed, file }: ShownDiff): Page {
  const heading = 'What the file on disk would change';
  if (diffed.kind === 'faults')
    return {
      title: 'Problem: the file on disk cannot be read',
      crumbs,
      heading,
      lede: html`<code>${file}</code> cannot be read. Nothing is changed by that: what is in force stays in force.`,
      body: faultList('faults', 'What is wrong with it', diffed.faults),
    };
  const { diff, warnings } = diffed;
  return {
    title: diff.nothing_to_do ? 'The file on disk is in force' : 'What the file on disk would change',
    crumbs,
    heading,
    lede: sentence(diff, file),
    acts: html`${isToApply(diff) ? html`<a class="btn main" href="/plans/apply">Put it in force…</a>` : ''}<a class="btn" href="/plans/diff?format=text">${icon('down')}As text</a><a class="btn" href="/plans/diff?format=json">${icon('down')}As JSON</a>`,
    body: html`${diff.faults.length === 0 ? '' : faultList('refused', 'It cannot be put in force', diff.faults)}${figures(diff)}${fields(diff)}${words(diff, file)}${warnings.length === 0 ? '' : faultList('warnings', 'Warnings', warnings)}`,
  };
}

function isToApply({ nothing_to_do: nothing, faults }: CatalogDiff): boolean {
  return !nothing && faults.length === 0;
}

function sentence({ nothing_to_do: nothing, from_version: from, plans, totals }: CatalogDiff, file: string): Html {
  const version = html`<a href="/plans/versions/${String(from)}">version ${String(from)}</a>`;
  if (nothing) return html`<code>${file}</code> is ${version}, which is in force. There is nothing to do.`;
  const touched = totals.reduce((sum, one) => sum + one.touched, 0);
  const sold = plans.length === 1 ? '1 plan is' : `${countText(plans.length)} plans are`;
  return html`<code>${file}</code> is another text than ${version}, which is in force. ${sold} sold otherwise by it, which changes what <b>${countText(touched)}</b> live subscriptions agreed to.`;
}

/** Two columns of figures: before and after, a plan each, and each currency in all. */
function figures({ plans, totals }: CatalogDiff): Html {
  if (plans.length === 0) return html``;
  const heads = html`<tr><th scope="col">Plan</th><th scope="col">What</th><th scope="col" class="n">Touched</th><th scope="col" class="n">Kept</th><th scope="col" class="n">Refused</th><th scope="col" class="n">A month before</th><th scope="col" class="n">A month after</th></tr>`;
  const rows = plans.map(
    (one) =>
      html`<tr><th scope="row">${one.plan}</th><td>${one.change}</td>${[one.subscriptions, one.kept, one.refused].map((count) => html`<td class="n">${countText(count)}</td>`)}<td class="n">${moneyText(one.monthly_before, one.currency)}</td><td class="n">${moneyText(one.monthly_after, one.currency)}</td></tr>`,
  );
  const sums = totals.map(
    (one) =>
      html`<tr><th scope="row">All in ${one.currency}</th><td>${countText(one.subscriptions)} live</td><td class="n">${countText(one.touched)}</td><td></td><td></td><td class="n">${moneyText(one.monthly_before, one.currency)}</td><td class="n">${moneyText(one.monthly_after, one.currency)}</td></tr>`,
  );
  return html`<section class="card" aria-labelledby="figures"><div class="cap"><h2 id="figures">Before and after</h2><p>Of live subscriptions, a month each, before tax, discounts and credit</p></div>
<div class="scroll" role="region" aria-label="What a month comes to, as a table" tabindex="0"><table class="t"><caption class="vh">What a month comes to before and after, by plan</caption><thead>${heads}</thead><tbody>${rows}</tbody><tfoot>${sums}</tfoot></table></div></section>`;
}

function fields({ plans }: CatalogDiff): Html {
  const rows = plans.flatMap((plan) => [...fieldRows(plan), ...reasonRows(plan)]);
  if (rows.length === 0) return html``;
  return html`<section class="card" aria-labelledby="fields"><div class="cap"><h2 id="fields">What differs, and whom it leaves as they are</h2></div>
<table class="t stack" role="table"><caption class="vh">What differs, a field each, and why some are kept or refused</caption><thead role="rowgroup"><tr role="row">${['Plan', 'What', 'Before', 'After'].map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}</tr></thead><tbody role="rowgroup">${rows}</tbody></table></section>`;
}

function fieldRows({ plan, fields: all }: PlanDiff): readonly Html[] {
  return all.map(
    ({ field, before, after }) =>
      html`<tr role="row"><th role="rowheader" scope="row" class="l first">${plan}</th><td role="cell" class="l"><code>${field}</code></td><td role="cell" class="l">${before ?? 'none'}</td><td role="cell" class="l">${after ?? 'none'}</td></tr>`,
  );
}

function reasonRows({ plan, kept_why: kept, refused_why: refused }: PlanDiff): readonly Html[] {
  const row = (word: string, [why, count]: readonly [string, number]) =>
    html`<tr role="row"><th role="rowheader" scope="row" class="l first">${plan}</th><td role="cell" class="l">${word}</td><td role="cell" class="l">${countText(count)} subscriptions</td><td role="cell" class="why full">${why}</td></tr>`;
  return [
    ...Object.entries(kept).map((one) => row('kept', one)),
    ...Object.entries(refused).map((one) => row('refused', one)),
  ];
}

/** As the command says it, for whoever compares the two. */
function words(diff: CatalogDiff, file: string): Html {
  return html`<section class="card" aria-labelledby="words"><div class="cap"><h2 id="words">The same in words</h2><p>As <code>dueday catalog diff</code> says it; digest <code class="id">${diff.digest}</code></p></div>
<div class="scroll pad" role="region" aria-label="The difference in words, whole" tabindex="0"><pre><code>${diffWords(diff, file, null)}</code></pre></div></section>`;
}

function faultList(id: string, title: string, lines: readonly string[]): Html {
  return html`<section class="card" aria-labelledby="${id}"><div class="cap"><h2 id="${id}">${title}</h2></div><ul class="pad">${lines.map((line) => html`<li><code>${line}</code></li>`)}</ul></section>`;
}
