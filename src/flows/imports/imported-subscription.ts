import type { Context } from '../../context.ts';
import { canonicalJson } from '../../domain/books/canonical-json.ts';
import type { Entry } from '../../domain/books/ledger.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import { type FoundMethod, importedMandate } from '../../domain/imports/imported-method.ts';
import type { ImportedRow } from '../../domain/imports/imported-row.ts';
import { saved } from '../../domain/methods/token-moves.ts';
import { imported } from '../../domain/subscriptions/moves.ts';
import type { NewImported } from '../../infra/tables/imports/new-imported.ts';
import type { NewToken } from '../../infra/tables/schema/method-columns.ts';
import type { NewTermsRow } from '../../infra/tables/schema/terms-columns.ts';
import type { Customer } from '../../infra/tables/subscriptions/subscriptions.ts';
import { record } from '../change/record.ts';
import { nameOf } from '../methods/next-method.ts';

/** Whose import it is, of which file. */
export type Importing = { readonly importId: string; readonly file: string; readonly actor: string };

/** The line of a subscription, with the customer that it has in our books and what Xendit said of its method. */
export type Taken = {
  readonly row: ImportedRow;
  readonly bucket: number;
  readonly customer: Customer;
  readonly newCustomer: boolean;
  readonly method: FoundMethod;
};

const WAITS = 'it is billed elsewhere until it is switched: dueday import switch';

/** All that a subscription of another biller is stored with. */
export function importedSubscription(ctx: Context, of: Importing, taken: Taken, now: Temporal.Instant): NewImported {
  const { row, customer, newCustomer } = taken;
  const { bucket } = customer;
  const token = newToken(ctx, taken, now);
  const subscription = subscriptionRow(ctx, taken, token.id, now);
  const subject = { subscription, customer };
  const from = `imported from ${of.file}, line ${row.line}`;
  const write = (kind: Entry['kind'], facts: { why: string; amount?: bigint; detail?: string }) =>
    record(ctx.newId(bucket), now, kind, { ...subject, channel: token.channelCode }, { actor: of.actor, ...facts });
  const next = `cycle ${row.cycle} is the next to be charged, on ${row.nextDate.toString()}`;
  return {
    row: { bucket: taken.bucket, importId: of.importId, line: row.line, subscriptionId: subscription.id },
    subscription,
    customer,
    newCustomer,
    token,
    terms: termsRow(subscription, row, of, now),
    entries: [
      write('subscription.created', {
        why: `${from}: ${next}`,
        amount: row.plan.price.minor,
        detail: detailOf(of, row),
      }),
      write('token.saved', { why: `${nameOf(token)}, mandate until ${token.recurringExpiry.toString()}; ${from}` }),
      write('subscription.paused', { why: WAITS }),
    ],
  };
}

function detailOf({ importId, file }: Importing, { line, cycle, nextDate }: ImportedRow): string {
  return canonicalJson({ import: importId, file, line, cycle, next_payment_date: nextDate.toString() });
}

function subscriptionRow(ctx: Context, { row, customer }: Taken, tokenId: string, now: Temporal.Instant) {
  const { plan, cycle, nextDate: startsOn, dueAt, timeZone, metadata } = row;
  const pause = { since: now.toString(), from_cycle: cycle, on_resume: 'void', cycles: 'skip', reason: WAITS } as const;
  return {
    bucket: customer.bucket,
    id: ctx.newId(customer.bucket),
    customerId: customer.id,
    account: OWN_ACCOUNT,
    referenceId: row.referenceId,
    ...imported({ cycle, startsOn, dueAt }, tokenId, pause, now),
    plan: plan.id,
    catalogVersion: ctx.catalog.current.version,
    amount: plan.price.minor,
    quantity: 1,
    currency: plan.price.currency,
    country: plan.country,
    intervalCount: plan.interval.count,
    intervalUnit: plan.interval.unit,
    timeZone,
    chargeAt: plan.chargeAt,
    endsAfter: plan.endsAfter,
    // Whoever was billed before is on no trial.
    trial: 'none',
    coupon: null,
    wantedAnchor: startsOn,
    sessionNumber: 0,
    successReturnUrl: plan.returnUrls.success,
    cancelReturnUrl: plan.returnUrls.cancel,
    allowedChannels: null,
    locale: null,
    metadata,
    createdAt: now,
  };
}

function newToken(ctx: Context, { row, customer, method }: Taken, now: Temporal.Instant): NewToken {
  const mandate = importedMandate(method, row, ctx.catalog.current.defaults.mandateYears);
  const { channelCode, country, currency, label, network, fingerprint, expiryMonth, expiryYear } = method;
  return {
    bucket: customer.bucket,
    id: ctx.newId(customer.bucket),
    customerId: customer.id,
    tokenId: row.tokenId,
    channelCode,
    country,
    currency,
    label,
    network,
    fingerprint,
    expiryMonth,
    expiryYear,
    ...saved,
    savedFor: mandate.cardOnFileType,
    recurringFrequency: mandate.recurringFrequency,
    recurringExpiry: mandate.recurringExpiry,
    savedAt: now,
    sessionId: null,
  };
}

/** The row of a subscription says nothing of cycles before its anchor: from where they count stands here. */
function termsRow(
  subscription: ReturnType<typeof subscriptionRow>,
  { plan, cycle, nextDate }: ImportedRow,
  { actor }: Importing,
  now: Temporal.Instant,
): NewTermsRow {
  const { bucket, id, intervalCount, intervalUnit, timeZone, chargeAt, catalogVersion, amount, currency } =
    subscription;
  return {
    bucket,
    subscriptionId: id,
    number: 1,
    origin: 'imported',
    fromCycle: cycle,
    anchor: nextDate,
    anchorCycle: cycle,
    intervalCount,
    intervalUnit,
    timeZone,
    chargeAt,
    plan: plan.id,
    catalogVersion,
    unitAmount: amount,
    quantity: 1,
    amount,
    currency,
    lastCycle: plan.endsAfter === null ? null : plan.endsAfter - 1,
    coupon: null,
    actor,
    agreedAt: now,
  };
}
