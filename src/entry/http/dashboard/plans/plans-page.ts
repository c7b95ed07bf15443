import { momentText } from '../../../../domain/calendar/moment-text.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import type { VersionView } from '../../../../flows/catalog/show-catalog.ts';
import type { HadAt, PlansPage } from '../../../../flows/views/pages/plans-page.ts';
import { type Html, html } from '../../pages/html.ts';
import { countText, moment } from '../frame/figures.ts';
import type { Page } from '../frame/frame.ts';
import { subscriptionsAt } from '../subscriptions/subscription-query.ts';

type Plan = PlansPage['catalog']['plans'][number];

/** `acts`: what whoever looks may go on to. */
export type ShownPlans = { readonly shown: PlansPage; readonly zone: string; readonly acts: Html };

/** What is sold now, since when, and what those pay who have it already. */
export function plansDocument({ shown, zone, acts }: ShownPlans): Page {
  const { catalog, had, versions } = shown;
  return {
    title: `Plans, version ${catalog.version}`,
    heading: 'Plans',
    lede: sentence(shown, zone),
    acts,
    body: html`${sold(catalog.plans, had)}${paying(shown)}${history(versions, shown.isMore, zone)}`,
  };
}

function sentence({ catalog, had }: PlansPage, zone: string): Html {
  const all = countOf(had);
  const others = countOf(had.filter((one) => !isOfNow(catalog.plans, one)));
  const since = catalog.since === null ? '' : ` since ${momentText(catalog.since, zone)}`;
  const by = catalog.applied_by === null ? '' : `, put in force by ${catalog.applied_by}`;
  const link = html`<a href="/plans/versions/${String(catalog.version)}">version ${String(catalog.version)}</a>`;
  const have =
    all === 0
      ? 'Nobody has one yet.'
      : `${countText(all)} live subscriptions have one, ${countText(others)} of them at another price than now.`;
  return html`<b>${countText(catalog.plans.length)}</b> ${catalog.plans.length === 1 ? 'plan is' : 'plans are'} sold, by ${link}${since}${by}. ${have}`;
}

/** Live subscriptions of a plan, as a list that says the same number. */
function having(plan: string, count: number, version?: number): Html {
  if (count === 0) return html`<span class="quiet">0</span>`;
  return html`<a href="${subscriptionsAt({ plan, live: 'true', ...(version !== undefined && { catalog_version: version }) })}">${countText(count)}</a>`;
}

/** Whether all of these pay what the plan costs now. */
function isOfNow(plans: readonly Plan[], { plan, prices }: Pick<HadAt, 'plan' | 'prices'>): boolean {
  return prices.every((price) => price === plans.find((one) => one.plan === plan)?.amount);
}

const countOf = (some: readonly HadAt[]) => some.reduce((sum, { count }) => sum + count, 0);

const FOLLOWS = {
  next_cycle: 'Reaches those who have it, with their next cycle',
  new_only: 'Only for those who come from then on',
} as const;

function sold(plans: readonly Plan[], had: readonly HadAt[]): Html {
  const rows = plans.map((plan) => {
    const { plan: id, name, amount, currency, interval, trial, price_change: change } = plan;
    const free = trial === null ? '' : `, ${trial} free`;
    return html`<tr role="row"><th role="rowheader" scope="row" class="l first">${name} <code>${id}</code></th><td role="cell" class="n r first">${moneyText(amount, currency)}</td><td role="cell" class="l">every ${interval}${free}</td><td role="cell" class="why full">${FOLLOWS[change]}</td><td role="cell" class="n r">${having(id, countOf(had.filter((one) => one.plan === id)))}</td></tr>`;
  });
  const heads = html`<tr role="row"><th role="columnheader" scope="col">Plan</th><th role="columnheader" scope="col" class="n">Price</th><th role="columnheader" scope="col">Charged</th><th role="columnheader" scope="col">Another price</th><th role="columnheader" scope="col" class="n">Live subscriptions</th></tr>`;
  return part(
    'sold',
    'Sold now',
    '',
    html`<table class="t stack" role="table"><caption class="vh">Plans that are sold now, in the order of the catalog</caption><thead role="rowgroup">${heads}</thead><tbody role="rowgroup">${rows}</tbody></table>`,
  );
}

/** Whether a price reached everybody: by plan, who pays by which version. */
function paying({ catalog, had }: PlansPage): Html {
  if (had.length === 0) return html``;
  const rows = had.map(({ plan, version, currency, prices, count }) => {
    const now = catalog.plans.find((one) => one.plan === plan);
    const isNow = isOfNow(catalog.plans, { plan, prices });
    const told = prices.map((price) => moneyText(price, currency)).join(', ');
    const stands =
      now === undefined ? 'No longer sold' : isNow ? 'The price of now' : `Now ${moneyText(now.amount, now.currency)}`;
    return html`<tr role="row"><th role="rowheader" scope="row" class="l first">${plan}</th><td role="cell" class="l"><a href="/plans/versions/${String(version)}">Version ${String(version)}</a></td><td role="cell" class="n r first">${told}</td><td role="cell" class="why full">${stands}</td><td role="cell" class="n r">${having(plan, count, version)}</td></tr>`;
  });
  const heads = html`<tr role="row"><th role="columnheader" scope="col">Plan</th><th role="columnheader" scope="col">Price of</th><th role="columnheader" scope="col" class="n">One costs them</th><th role="columnheader" scope="col">Against now</th><th role="columnheader" scope="col" class="n">Live subscriptions</th></tr>`;
  const foot = html`<tr role="row"><th role="rowheader" scope="row" class="l">All</th><td role="cell"></td><td role="cell"></td><td role="cell"></td><td role="cell" class="n r"><a href="${subscriptionsAt({ live: 'true' })}">${countText(countOf(had))}</a></td></tr>`;
  const why = 'Whom a higher price waits for, and why, stands on the page of each subscription';
  return part(
    'paying',
    'What they pay',
    why,
    html`<table class="t stack" role="table"><caption class="vh">Live subscriptions by plan and by the version that their price is of, the newest first</caption><thead role="rowgroup">${heads}</thead><tbody role="rowgroup">${rows}</tbody><tfoot role="rowgroup">${foot}</tfoot></table>`,
  );
}

function history(versions: readonly VersionView[], isMore: boolean, zone: string): Html {
  const rows = versions.map(({ version, in_force: inForce, applied, digest }) => {
    const [last] = applied;
    const stands = inForce ? 'In force' : last === undefined ? 'Never in force' : 'Was in force';
    const since =
      last === undefined
        ? html`<span class="quiet">never</span>`
        : moment(Temporal.Instant.from(last.at), zone, momentText(last.at, zone));
    return html`<tr role="row"><th role="rowheader" scope="row" class="l first"><a href="/plans/versions/${String(version)}">Version ${String(version)}</a></th><td role="cell" class="r first">${stands}</td><td role="cell" class="l nw">${since}</td><td role="cell" class="l">${last?.by ?? ''}</td><td role="cell" class="why full">${last?.reason ?? 'no reason was given'}</td><td role="cell" class="wide-only"><code>${digest.slice(0, 12)}</code></td></tr>`;
  });
  const heads = ['Version', 'State', 'Since', 'By', 'Why', 'Digest'].map(
    (name) =>
      html`<th role="columnheader" scope="col"${name === 'Digest' ? html` class="wide-only"` : ''}>${name}</th>`,
  );
  const more = isMore ? 'Older ones: dueday catalog versions' : '';
  return part(
    'versions',
    'Versions',
    more,
    html`<table class="t stack" role="table"><caption class="vh">Versions of the catalog, newest first</caption><thead role="rowgroup"><tr role="row">${heads}</tr></thead><tbody role="rowgroup">${rows}</tbody></table>`,
  );
}

function part(id: string, title: string, more: string, body: Html): Html {
  return html`<section class="card" aria-labelledby="${id}"><div class="cap"><h2 id="${id}">${title}</h2><p>${more}</p></div>${body}</section>`;
}
