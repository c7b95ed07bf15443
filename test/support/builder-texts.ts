import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, databaseThrough } from '../../src/infra/database/db.ts';
import { findingsAbout, openFindings, takeFindings } from '../../src/infra/tables/books/findings.ts';
import { repricedPage } from '../../src/infra/tables/catalog/repricing-items.ts';
import {
  repricingOf,
  repricingTargets,
  runningRepricings,
  stoppedRepricings,
} from '../../src/infra/tables/catalog/repricings.ts';
import { attemptByReference, attemptsOf } from '../../src/infra/tables/charges/attempts.ts';
import { newestLink, payLink } from '../../src/infra/tables/charges/by-hand/pay-links.ts';
import { paySessionOf, takeOutdatedSessions } from '../../src/infra/tables/charges/by-hand/pay-sessions.ts';
import {
  holdUnwritten,
  nextAttemptsOf,
  openChargesOf,
  postponeCharge,
} from '../../src/infra/tables/charges/charges.ts';
import { chargesOfDays, triesOf } from '../../src/infra/tables/charges/life-of-charges.ts';
import { markAsked } from '../../src/infra/tables/charges/lost-attempts.ts';
import { markActionClosed } from '../../src/infra/tables/charges/open-actions.ts';
import { attemptsById, putOrphanOff } from '../../src/infra/tables/charges/orphans.ts';
import { breakerOf, moveBreaker } from '../../src/infra/tables/charging/breakers.ts';
import * as disputes from '../../src/infra/tables/disputes/disputes.ts';
import { customersOf } from '../../src/infra/tables/imports/book-names.ts';
import { allImports, beginImport, importOf } from '../../src/infra/tables/imports/imports.ts';
import { closeWebhook, delayWebhook, retryWebhook, waitingWebhooks } from '../../src/infra/tables/inbox/inbox.ts';
import * as onboardings from '../../src/infra/tables/methods/onboardings.ts';
import { lifeOfMethods, methodById, rankedMethods } from '../../src/infra/tables/methods/subscription-methods.ts';
import { channelOf, paidThrough, tokenDossiers, tokenSavedIn } from '../../src/infra/tables/methods/tokens.ts';
import * as payments from '../../src/infra/tables/payments/payments.ts';
import * as refunds from '../../src/infra/tables/refunds/refunds.ts';
import {
  answersOf,
  newestAnswerOf,
  newestConsent,
  priceConsents,
  priceNotices,
} from '../../src/infra/tables/subscriptions/consents.ts';
import {
  chargeOfCycle,
  newestDecidedCharge,
  newestPaidCharge,
  unpaidCyclesOf,
} from '../../src/infra/tables/subscriptions/cycles.ts';
import { expiringInUse, methodsToLookAt } from '../../src/infra/tables/subscriptions/expiring-methods.ts';
import { itemById, itemPage, waitingItems } from '../../src/infra/tables/subscriptions/items.ts';
import {
  customerById,
  nameCustomer,
  ownerOf,
  takeName,
} from '../../src/infra/tables/subscriptions/new-subscription.ts';
import {
  subscriptionCount,
  subscriptionPage,
  subscriptionTotals,
} from '../../src/infra/tables/subscriptions/subscription-list.ts';
import * as subscriptions from '../../src/infra/tables/subscriptions/subscriptions.ts';
import * as laterTerms from '../../src/infra/tables/subscriptions/terms.ts';
import { openVault } from '../../src/infra/vault/vault.ts';
import type { StatementText } from './statement-texts.ts';

/*
 * What drizzle's builders send: their text is nowhere in the source, so each function that has a builder is called here on a
 * database that only writes down what it is asked.
 */

const now = Temporal.Instant.from('2026-01-31T02:00:00Z');
const ID = '00000000-0000-7000-8000-000000000007';
const row = { bucket: 7, id: ID, subscriptionId: ID, customerId: ID, number: 1, status: 'active', checks: 1 } as never;
const due = { bucket: 7, id: ID, status: 'due', attempts: 0, nextAttemptAt: now } as never;

/** A call of each function that has a builder. */
const CALLS: Readonly<Record<string, (db: Database, buckets: readonly number[]) => unknown>> = {
  takeFindings: (db, buckets) => takeFindings(db, buckets, ['overpayment'], now, 1),
  openFindings: (db, buckets) => openFindings(db, buckets, ['overpayment'], 1),
  attemptsOf: (db) => attemptsOf(db, 7, ID),
  attemptByReference: (db) => attemptByReference(db, 7, 'due_1'),
  openChargesOf: (db) => openChargesOf(db, ID),
  nextAttemptsOf: (db) => nextAttemptsOf(db, [ID]),
  postponeCharge: (db) => postponeCharge(db, due, { nextAttemptAt: now, waitsUntil: null, note: '' }),
  holdUnwritten: (db) => holdUnwritten(db, due, ''),
  markAsked: (db) => markAsked(db, due, now),
  markActionClosed: (db) => markActionClosed(db, row, now),
  attemptsById: (db) => attemptsById(db, [ID]),
  putOrphanOff: (db) => putOrphanOff(db, ID, now, now),
  breakerOf: (db) => breakerOf(db, 'CARDS'),
  movedBreaker: async (db) => await moveBreaker(db, await breakerOf(db, 'CARDS'), await breakerOf(db, 'CARDS')),
  waitingWebhooks: async (db, buckets) =>
    await Promise.all((['links', 'others'] as const).map((queue) => waitingWebhooks(db, buckets, queue, now, 1))),
  closeWebhook: (db) => closeWebhook(db, row, 'processed', null, now),
  retryWebhook: (db) => retryWebhook(db, row, now, ''),
  delayWebhook: (db) => delayWebhook(db, row, now, ''),
  takeOnboardings: (db, buckets) => onboardings.takeOnboardings(db, '', buckets, 'saving', now, 1, now),
  expiringInUse: (db) => expiringInUse(db),
  methodsToLookAt: (db, buckets) => methodsToLookAt(db, buckets, now, 1),
  newestAnswerOf: (db) => newestAnswerOf(db, { bucket: 7, id: ID }, 'extra'),
  newestConsent: (db) => newestConsent(db, { bucket: 7, id: ID }),
  priceConsents: (db) => priceConsents(db, row),
  answersOf: (db) => answersOf(db, row),
  chargesOfDays: (db) =>
    chargesOfDays(db, row, Temporal.PlainDate.from('2026-01-01'), Temporal.PlainDate.from('2026-12-31')),
  triesOf: (db) => triesOf(db, [ID]),
  repricingTargets: (db) => repricingTargets(db),
  termsHolding: (db) => laterTerms.termsHolding(db, row, 1),
  priceNotices: (db) => priceNotices(db, row),
  runningRepricings: (db) => runningRepricings(db),
  stoppedRepricings: (db) => stoppedRepricings(db),
  repricingOf: (db) => repricingOf(db, 1),
  repricedPage: (db) => repricedPage(db, 1, null, ID, 1),
  subscriptionDossiers: (db) => subscriptions.subscriptionDossiers(db, [ID]),
  newestLink: (db) => newestLink(db, 7, ID),
  payLink: (db) => payLink(db, 7, ID, 1),
  paySessionOf: (db) => paySessionOf(db, row),
  takeOutdatedSessions: (db, buckets) => takeOutdatedSessions(db, buckets, now, 1),
  mayAskAboutSession: (db) => onboardings.mayAskAboutSession(db, row, now),
  reopenOnboarding: (db) =>
    onboardings.reopenOnboarding(db, { bucket: 7, subscriptionId: ID, number: 1, status: 'expired' } as never, now),
  onboardingBySession: (db) => onboardings.onboardingBySession(db, 'ps-1'),
  onboardingByReference: (db) => onboardings.onboardingByReference(db, 7, ID, 'due_1_s1'),
  newestOpenOf: (db) => onboardings.newestOpenOf(db, 7, 'cust-1'),
  keepLastTry: (db) => onboardings.keepLastTry(db, row, { failure_code: null, at: now.toString() }),
  takeSessionNumber: (db) => onboardings.takeSessionNumber(db, 7, ID),
  checkOnboardingLater: (db) => onboardings.checkOnboardingLater(db, row, { at: now, doubts: 1 }),
  closeOnboarding: (db) => onboardings.closeOnboarding(db, row, { as: 'expired', why: null }, now),
  tokenDossiers: (db) => tokenDossiers(db, 'pt-1'),
  tokenSavedIn: (db) => tokenSavedIn(db, 7, 'ps-1'),
  rankedMethods: (db) => rankedMethods(db, [ID]),
  lifeOfMethods: (db) => lifeOfMethods(db, row),
  methodById: (db) => methodById(db, 7, ID),
  paidThrough: (db) => paidThrough(db, ['CARDS']),
  newestDecidedCharge: (db) => newestDecidedCharge(db, row, {}),
  newestPaidCharge: (db) => newestPaidCharge(db, row),
  chargeOfCycle: (db) => chargeOfCycle(db, row, 1),
  unpaidCyclesOf: (db) => unpaidCyclesOf(db, [ID]),
  ownerOf: (db) => ownerOf(db, 'customer', 'siti'),
  customerById: (db) => customerById(db, 7, ID),
  takeName: (db) => takeName(db, 'customer', 'siti', ID),
  nameCustomer: (db) => nameCustomer(db, row, 'cust-1'),
  subscriptionCount: (db) => subscriptionCount(db, { ids: [ID] }, 1),
  subscriptionPage: (db) => subscriptionPage(db, { ids: [ID] }, null, 1),
  subscriptionTotals: (db) => subscriptionTotals(db, { ids: [ID] }, null),
  subscriptionDossier: (db) => subscriptions.subscriptionDossier(db, 7, ID),
  subscriptionIdsOf: (db) => subscriptions.subscriptionIdsOf(db, ID),
  laterOf: (db) => laterTerms.laterOf(db, [{ id: ID, nextTermsFrom: 1 }]),
  plannedOf: (db) => laterTerms.plannedOf(db, [ID]),
  aheadOf: (db) => laterTerms.aheadOf(db, [ID]),
  awaitingOf: (db) => laterTerms.awaitingOf(db, { bucket: 7, id: ID }),
  changePaidBy: (db) => laterTerms.changePaidBy(db, row),
  termsFrom: (db) => laterTerms.termsFrom(db, { bucket: 7, id: ID }, 1),
  versionsAgreed: (db) => laterTerms.versionsAgreed(db, [{ id: ID, plan: 'pro', endsAfter: 3 }]),
  changesOf: (db) => laterTerms.changesOf(db, { bucket: 7, id: ID }, 5, 100),
  sessionsOf: (db) => subscriptions.sessionsOf(db, 7, ID),
  itemById: (db) => itemById(db, 7, ID),
  itemPage: (db) => itemPage(db, { bucket: 7, id: ID }, 1, 1),
  waitingItems: (db) => waitingItems(db, [ID]),
  channelOf: (db) => channelOf(db, 7, ID),
  importOf: (db) => importOf(db, 'digest'),
  allImports: (db) => allImports(db),
  beginImport: (db) => beginImport(db, { digest: 'digest' } as never),
  customersOf: (db) => customersOf(db, [ID]),
  findingsAbout: (db) => findingsAbout(db, 7, ID),
  refundOf: (db) => refunds.refundOf(db, 7, ID),
  paymentProvenBy: (db) => payments.paymentProvenBy(db, { bucket: 7, id: ID }, 'slip 1'),
  refundNamed: (db) => refunds.refundNamed(db, 7, 'due_1'),
  refundsKnownAs: (db) => refunds.refundsKnownAs(db, ['rfd-1']),
  refundsOfCharge: (db) => refunds.refundsOfCharge(db, 7, ID),
  lastRefundNumber: (db) => refunds.lastRefundNumber(db, 7, ID),
  refundsDue: (db, buckets) => refunds.refundsDue(db, buckets, ['approved'], now, 1),
  writtenOver: (db) => refunds.takeRefund(db, { bucket: 7, id: ID, state: 'sent', nextAt: now } as never, now),
  refundsNamed: (db) => refunds.refundsNamed(db, [ID]),
  refundTotals: (db) => refunds.refundTotals(db, { state: 'pending' }),
  refundsWaiting: (db) => refunds.refundsWaiting(db, 40, 1),
  countWaiting: (db) => refunds.countWaiting(db, 40, 1),
  refundPage: (db) => refunds.refundPage(db, { state: 'pending' }, null, 1),
  disputesKnownAs: (db) => disputes.disputesKnownAs(db, ['mi-dspt-1']),
  disputesOfCharge: (db) => disputes.disputesOfCharge(db, 7, ID),
  isDisputed: (db) => disputes.isDisputed(db, 7, ID),
  undecidedOf: (db) => disputes.undecidedOf(db, 7, ID),
  stoppedOf: (db) => disputes.stoppedOf(db, 7, ID),
  disputesDue: (db, buckets) => disputes.disputesDue(db, buckets, now, 1),
  putOffLook: (db) =>
    disputes.putOffLook(db, { bucket: 7, disputeId: 'mi-dspt-1', nextAt: now } as never, { nextAt: now }),
  disputePage: (db) => disputes.disputePage(db, { state: 'won' }, { urgency: '1', reference: 'mi-dspt-1' }, 1),
  newestOnboardings: (db) => subscriptions.newestOnboardings(db, [ID]),
};

/** What each of them sends, a text each, written as our own statements are. */
export async function builderTexts(buckets: readonly number[], groups: Database['groups']) {
  const found: StatementText[] = [];
  for (const [inside, call] of Object.entries(CALLS)) {
    const rows = async (text: string, _params: unknown, shape: string) => {
      found.push({ file: 'builders', inside, text: asOurs(text) });
      return (shape === 'objects' ? [{ session_id: 'ps-1' }] : []) as never[];
    };
    const db = databaseThrough({ rows, close: async () => undefined }, openVault([]), groups);
    // Some find no row, and say so.
    await Promise.resolve(call(db, buckets)).catch(() => undefined);
  }
  return found;
}

/** Names without quotes, joins of one kind, updates with an alias. */
export function asOurs(text: string): string {
  const plain = text.replaceAll('"', '').replaceAll(/\b(?:inner|left) join\b/g, 'join');
  return plain.replaceAll(/\bupdate (\w+) set\b/g, 'update $1 $1 set');
}

const TABLES = join(import.meta.dirname, '..', '..', 'src', 'infra', 'tables');

/** The functions of src/infra/tables that have a builder, but for files that know no table of customers. */
export function functionsWithBuilders(): readonly string[] {
  const files = readdirSync(TABLES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.flatMap((file) => withBuilders(readFileSync(join(TABLES, file), 'utf8')));
}

function withBuilders(source: string): readonly string[] {
  if (!/schema\/(?!catalog|columns-of|control|heads|words)[\w/-]+\.ts'/.test(source)) return [];
  const functions = source.split(/^(?=(?:export )?(?:async )?function )/m).slice(1);
  return functions
    .filter((text) => /\bdb\.drizzle\b|\bdossiers\(db\)/.test(text))
    .flatMap((text) => /function (\w+)/.exec(text)?.[1] ?? []);
}

/** `dossiers` has no statement of its own: who calls it narrows it. */
export const calledBuilders = [...Object.keys(CALLS), 'dossiers'];
