import type { Replacement } from '../mutants/replacement.ts';

/**
 * Designs that keep most promises most of the time. The simulation must tell each of them within a hundred seeds
 * (`npm run wrong-designs`): each stands for something that its oracle judges.
 */
export const wrongDesigns: readonly Replacement[] = [
  {
    name: 'what is unknown for a minute is left to a person',
    file: 'src/domain/dunning/doubt.ts',
    from: 'const unknownLimit = DAY;',
    to: 'const unknownLimit = MINUTE;',
  },
  {
    name: 'a request is repeated whatever was stopped',
    file: 'src/flows/rescue/repeat-request.ts',
    from: ' || !isChargeable(subscription.status)) return false;',
    to: ') return false;',
  },
  {
    name: 'charges are tried a hundred minutes late',
    file: 'src/infra/tables/charges/due.ts',
    from: 'c.next_attempt_at <= ${now.toString()}',
    to: 'c.next_attempt_at <= ${now.subtract({ minutes: 100 }).toString()}',
  },
  {
    name: 'a dead method is left alive for the others that it was saved for',
    // Ended for one of them alone it would be harmless: whoever tries another one ends that too, before it is sent.
    file: 'src/flows/methods/end-method.ts',
    from: "token.status === 'active' &&",
    to: "token.status === 'never' &&",
  },
  {
    name: 'the end of a method at Xendit is ignored',
    file: 'src/flows/inbox/process-webhooks.ts',
    from: 'return await followTokenNotice(ctx, notice, now);',
    to: "return { kind: 'ignored', note: null };",
  },
  {
    name: 'the pace is ignored',
    file: 'src/infra/tables/control/pace.ts',
    from: '${limit}::int - w.used)) end as granted',
    to: '${limit}::int)) end as granted',
  },
  {
    name: 'the brake of a day is ignored',
    file: 'src/domain/money/spending-limits.ts',
    from: 'Object.keys(perDay).length > 0;',
    to: 'Object.keys(perDay).length > 99;',
  },
  {
    name: 'nobody gives up what waits for its customer',
    file: 'src/flows/due-date/rounds.ts',
    from: '    await giveUpWaiting(this.#ctx, now);\n',
    to: '',
  },
  {
    name: 'a cycle is called missed after a quarter of an hour',
    file: 'src/domain/dunning/missed-cycles.ts',
    from: '> policy.missedAfterHours',
    to: '> policy.missedAfterHours / 96',
  },
  {
    name: 'a cycle is opened to be tried two hours later',
    file: 'src/domain/charges/moves.ts',
    from: "becomes === 'due' ? dueAt : null",
    to: "becomes === 'due' ? dueAt.add({ hours: 2 }) : null",
  },
  {
    name: 'what is unknown is tried again as a new attempt',
    file: 'src/domain/dunning/doubt.ts',
    from: "{ kind: 'ask_gateway', at:",
    to: "{ kind: 'retry', spends: 'nothing', at:",
  },
  {
    name: 'a time-out told as a failure is believed',
    file: 'src/domain/dunning/doubt.ts',
    from: 'if (age >= timeOutLimit) return null;',
    to: 'if (age >= 0) return null;',
  },
  {
    name: 'the days between two charges of a mandate are not kept',
    file: 'src/domain/dunning/admission.ts',
    from: '    byMandate(candidate, mandate, today) ??\n',
    to: '',
  },
  {
    name: 'canceling leaves due charges due',
    file: 'src/flows/charges/void-charges.ts',
    from: "charge.status === 'due');",
    to: "charge.status === 'never');",
  },
  {
    name: 'a success after a failure is not believed',
    file: 'src/flows/due-date/news.ts',
    from: "return answered.outcome.kind === 'succeeded' && known !== 'succeeded';",
    to: 'return false;',
  },
  {
    name: 'attempts of the dead are left to themselves',
    file: 'src/infra/tables/charges/attempts.ts',
    from: 'l.outcome is null and l.lease_until < now()',
    to: 'l.outcome is null and l.lease_until < to_timestamp(0)',
  },
  {
    name: 'a stopped channel is never tried again',
    file: 'src/domain/control/breaker.ts',
    from: 'return minutes <= 0 || minutes > 2 * PROVEN_MINUTES;',
    to: 'return minutes > 2 * PROVEN_MINUTES;',
  },
  {
    name: 'charges that waited for a channel are not woken when it goes on',
    file: 'src/infra/tables/charging/breakers.ts',
    from: "where channel = ${channel} and state = 'closed' for share),\n    waiting",
    to: "where channel = ${channel} and state = 'never' for share),\n    waiting",
  },
  {
    name: 'a wallet whose saving was lost is charged without a question',
    file: 'src/flows/due-date/open-charges.ts',
    from: 'mayBeSecond(subscription, losses) ? subscription.createdAt : null;',
    to: 'null;',
  },
  {
    name: 'what was agreed for the next period does not hold when it is opened',
    file: 'src/flows/due-date/open-charges.ts',
    from: 'later === NOTHING_LATER ? null : await reachedTerms(',
    to: 'later !== null ? null : await reachedTerms(',
  },
  {
    name: 'a pause that is over is ended by nobody',
    file: 'src/flows/due-date/rounds.ts',
    from: '    if (await resumePaused(this.#ctx, now)) await openCharges(this.#ctx, now);\n',
    to: '',
  },
  {
    name: 'credit is there again after a charge has used it',
    file: 'src/flows/due-date/made-of-lines.ts',
    from: 'credit += sums.givenBack - sums.creditUsed;',
    to: 'credit += sums.givenBack;',
  },
  {
    name: 'a higher price does not wait for its notice',
    file: 'src/flows/due-date/terms/followed-terms.ts',
    from: 'if (noticeDays === null || !isDearer(agreed, plan)) return null;',
    to: 'if (noticeDays !== -1 || !isDearer(agreed, plan)) return null;',
  },
  {
    name: 'a higher price is charged before the days of its notice are over',
    file: 'src/domain/subscriptions/price-notice.ts',
    from: '.add({ days }).toInstant()',
    to: '.add({ hours: days }).toInstant()',
  },
  {
    name: 'who is asked for consent pays the higher price without it',
    file: 'src/domain/subscriptions/price-notice.ts',
    from: "if (silence === 'agrees') return",
    to: "if (silence !== 'cancel') return",
  },
  {
    name: 'who agreed to a higher price goes on at the old one',
    file: 'src/domain/subscriptions/price-notice.ts',
    from: "answered?.answer === 'given'",
    to: "answered?.answer === 'silence'",
  },
  {
    name: 'a repricing does not wait for its notice',
    file: 'src/domain/subscriptions/repricing/repricing.ts',
    from: "country, priceChange: 'next_cycle' };",
    to: "country, priceChange: 'next_cycle', noticeDays: null };",
  },
  {
    name: 'a repricing moves more than were asked for',
    file: 'src/flows/edits/repricing/draft-repricing.ts',
    from: 'if (moved === most) break;',
    to: '',
  },
  {
    name: 'that a notice is owed is told at each look',
    file: 'src/flows/edits/tell-of-owed.ts',
    from: 'agreed: { owedNotices: [row] }',
    to: 'agreed: {}',
  },
  {
    name: 'what was imported is switched though it renews within a day',
    file: 'src/domain/imports/switching.ts',
    from: 'const HOURS_BEFORE = 24;',
    to: 'const HOURS_BEFORE = 0;',
  },
  {
    name: 'two runs of an import make two subscriptions of a line',
    file: 'src/infra/tables/imports/new-imported.ts',
    from: "nameRow('subscription', subscription.referenceId,",
    to: "nameRow('subscription', subscription.id,",
  },
  {
    name: 'the cycles of an import are counted from one too few',
    file: 'src/domain/subscriptions/moves.ts',
    from: 'anchorCycle: cycle,',
    to: 'anchorCycle: Math.max(0, cycle - 1),',
  },
  {
    name: 'a refund that Xendit did not answer is asked for again without a look',
    file: 'src/flows/refunds/send-refunds.ts',
    from: "if (answer.kind === 'silent') return await lose(ctx, refund, `Xendit did not answer: ${answer.detail}`, now);",
    to: "if (answer.kind === 'silent') return await postpone(ctx, refund, 'SILENT', { then: 'later', why: answer.detail }, now);",
  },
  {
    name: 'a refund that fails after its success leaves its money given back',
    file: 'src/flows/refunds/settle-refund.ts',
    from: "if (refund.state === 'failed') return null;",
    to: "if (refund.state === 'failed' || refund.state === 'succeeded') return null;",
  },
  {
    name: "a refund that was made in Xendit's dashboard is nobody's",
    file: 'src/flows/refunds/follow-refund.ts',
    from: 'if (known === null) return await recordRefund(ctx, said, turn);',
    to: "if (known === null) return { kind: 'foreign' };",
  },
  {
    name: 'a refund that is on its way is never asked about',
    file: 'src/flows/refunds/ask-about-refunds.ts',
    from: "['sent', 'unknown', 'pending'], now",
    to: "['sent', 'unknown'], now",
  },
];
