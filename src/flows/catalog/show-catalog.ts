import type { Context } from '../../context.ts';
import { localDate } from '../../domain/calendar/cycle.ts';
import { intervalText } from '../../domain/calendar/interval.ts';
import { agreementText } from '../../domain/catalog/agreement.ts';
import type { Catalog, Plan } from '../../domain/catalog/plan.ts';
import { majorNumber } from '../../domain/money/money.ts';
import { taxOn } from '../../domain/money/taxes.ts';
import { readStoredCatalog } from '../../infra/catalog-file/catalog-file.ts';
import {
  type ApplyRow,
  appliesOf,
  lastApply,
  type VersionRow,
  versionPage,
} from '../../infra/tables/catalog/catalog-applies.ts';
import { catalogOfVersion, versionInForce } from '../../infra/tables/catalog/catalog-versions.ts';
import { withCatalogInForce } from './follow-catalog.ts';

/** What is sold now, since when, and who put it in force: what a price page is made from. */
export async function showCatalog(given: Context) {
  const ctx = await withCatalogInForce(given);
  const { current } = ctx.catalog;
  const now = await ctx.clock.now();
  const applied = await lastApply(ctx.db, current.version);
  return {
    version: current.version,
    digest: current.digest,
    since: applied?.appliedAt.toString() ?? null,
    applied_by: applied?.actor ?? null,
    plans: plansView(current, now),
  };
}

function plansView({ plans }: Catalog, now: Temporal.Instant) {
  return [...plans.values()].map((plan) => planView(plan, now));
}

function planView(plan: Plan, now: Temporal.Instant) {
  const { price, setupFee, trial, tax, interval } = plan;
  const rate = tax === null ? null : taxOn(tax, localDate(now, plan.timeZone));
  return {
    plan: plan.id,
    name: plan.name,
    amount: majorNumber(price),
    currency: price.currency,
    interval: intervalText(interval),
    trial: trial === null ? null : intervalText(trial),
    trial_once: plan.trialOnce,
    setup_fee: setupFee === null ? null : majorNumber(setupFee),
    ends_after: plan.endsAfter,
    unpaid_cycles: plan.unpaidCycles,
    on_dispute: plan.onDispute,
    tax: tax === null ? null : { name: tax.name, included: tax.included, rate: rate?.rate.text ?? null },
    country: plan.country,
    payment_channels: plan.paymentChannels === null ? null : [...plan.paymentChannels],
    price_change: plan.priceChange,
    text: agreementText({ ...plan, startsOn: null, coupon: null }),
  };
}

/** A version as it was stored, with each time that it came in force; its plans, while this dueday can read it. Null: there is none of that number. */
export async function showVersion({ db, clock }: Context, number: number) {
  const row = await catalogOfVersion(db, number);
  if (row === null) return null;
  const inForce = await versionInForce(db);
  const read = readStoredCatalog(row.source, `catalog version ${number}`);
  return {
    ...versionView(row, await appliesOf(db, [number]), inForce?.version ?? null),
    plans: read.ok ? plansView(read.catalog, await clock.now()) : null,
    source: row.source,
  };
}

/** All versions that ever were, newest first. */
export async function listVersions({ db }: Context, before: number | null, limit: number) {
  const rows = await versionPage(db, before, limit + 1);
  const shown = rows.slice(0, limit);
  const applies = Map.groupBy(
    await appliesOf(
      db,
      shown.map(({ version }) => version),
    ),
    ({ toVersion }) => toVersion,
  );
  const inForce = await versionInForce(db);
  return {
    data: shown.map((row) => versionView(row, applies.get(row.version) ?? [], inForce?.version ?? null)),
    isMore: rows.length > limit,
  };
}

export type VersionView = ReturnType<typeof versionView>;

function versionView({ version, digest, appliedAt }: VersionRow, applies: readonly ApplyRow[], inForce: number | null) {
  return {
    version,
    digest,
    stored_at: appliedAt.toString(),
    in_force: version === inForce,
    applied: applies.map((apply) => ({
      number: apply.number,
      from_version: apply.fromVersion,
      at: apply.appliedAt.toString(),
      by: apply.actor,
      reason: apply.reason,
      digest: apply.digest,
    })),
  };
}
