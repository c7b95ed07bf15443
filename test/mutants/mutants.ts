import type { Replacement } from './replacement.ts';

/** A wrong design with the promise that then turns red. */
export type Mutant = Replacement & {
  readonly killedBy: { readonly file: string; readonly test: string };
};

/**
 * The wrong designs that others shipped (the first eight), and more of the charge path. Every one must be killed by the
 * promise it names; one that cannot be is redundant, and docs/decisions.md says why.
 */
export const mutants: readonly Mutant[] = [
  {
    name: 'an unknown outcome is tried again as a new attempt',
    file: 'src/domain/dunning/doubt.ts',
    from: "return { kind: 'ask_gateway', at: since.add({ seconds: Math.min(nextLookUpAge(age), limit) }), why };",
    to: "return { kind: 'retry', at: since.add({ seconds: age < 0 ? nextLookUpAge(age) : age + 60 }), spends: 'nothing', why };",
    killedBy: { file: 'test/flows/unknown.test.ts', test: 'is not tried again, however often the daemon runs' },
  },
  {
    name: 'the attempt is sent before its row is committed',
    file: 'src/flows/due-date/claim-due-charges.ts',
    from: "  ctx.failpoint?.('before-claim');\n",
    to: `  ctx.failpoint?.('before-claim');
  for (const { dossier } of claims) await ctx.gateway.pay(dossier.attempt.request, dossier.attempt.referenceId);
`,
    killedBy: {
      file: 'test/flows/written-before-asked.test.ts',
      test: 'its row is there for everybody to read, with the whole request',
    },
  },
  {
    name: 'a request that a look-up does not show yet never existed',
    file: 'src/flows/rescue/rescue-attempts.ts',
    from: "(await repeatRequest(ctx, dossier)) ?? stillUnknown(dossier, 'Xendit does not show it yet')",
    to: "(await repeatRequest(ctx, dossier)) ?? { kind: 'refused', scope: 'not_sent', code: 'ABSENT', detail: '', retryAfterSeconds: null }",
    killedBy: {
      file: 'test/flows/unknown.test.ts',
      test: 'on a wallet is never sent a second time, whatever the look-ups say',
    },
  },
  {
    name: 'a late failure takes a success back',
    file: 'src/flows/due-date/settle-attempts.ts',
    from: '  if (!isFinal(known)) return true;\n',
    to: '  if (known !== outcome.kind) return true;\n',
    killedBy: {
      file: 'test/flows/late-answers.test.ts',
      test: 'after a success changes nothing, through whichever door it comes, and nobody is woken for it',
    },
  },
  {
    name: 'a change is applied whatever happened meanwhile: no fence',
    file: 'src/infra/tables/change/moves.ts',
    from: ' and s.ledger_seq = i.seq and s.ledger_head = i.head',
    to: '',
    killedBy: {
      file: 'test/flows/changes.test.ts',
      test: 'decided on an old state is refused as a whole, and so only itself',
    },
  },
  {
    name: 'a lease shorter than the wait for an answer, and no look at what is left of it',
    file: 'src/flows/due-date/attempt-charges.ts',
    from: 'if (ctx.monotonic() - batch.claimedAt > ctx.lease.seconds * 1_000 - ctx.lease.sendingTakesMs) {',
    to: 'if (ctx.monotonic() < 0) {',
    killedBy: {
      file: 'test/flows/crashes.test.ts',
      test: 'and finds its lease nearly over sends nothing of what it has claimed, and gives it back unspent',
    },
  },
  {
    name: 'a reference of its own for every process',
    file: 'src/domain/charges/attempt.ts',
    from: '  return `due_${subscriptionId}_${place}_${number}`;',
    to: "  return `due_${subscriptionId}_${place}_${number}${Math.trunc(performance.timeOrigin).toString(36).padStart(10, '0')}`;",
    killedBy: {
      file: 'test/domain/attempt.test.ts',
      test: 'is made of subscription, cycle and number, and of nothing else',
    },
  },
  {
    name: 'a connection that broke before the answer means that nothing was sent',
    file: 'src/infra/gateway/xendit/client.ts',
    from: "kind: connected ? 'silent' : 'not_sent'",
    to: "kind: 'not_sent'",
    killedBy: { file: 'test/infra/xendit-faults.test.ts', test: 'reset' },
  },
  {
    name: 'a silent request is sent again on a wallet too',
    file: 'src/flows/rescue/repeat-request.ts',
    from: "token?.channelCode !== 'CARDS' || ",
    to: '',
    killedBy: {
      file: 'test/flows/unknown.test.ts',
      test: 'on a wallet is never sent a second time, whatever the look-ups say',
    },
  },
  {
    name: 'a card request is repeated while the first may still be at work',
    file: 'src/flows/rescue/repeat-request.ts',
    from: 'age >= RESEND_AFTER_SECONDS && ',
    to: '',
    killedBy: {
      file: 'test/flows/unknown.test.ts',
      test: 'on a card is repeated word for word, but only after five minutes of absence',
    },
  },
  {
    name: 'a card request is repeated when nobody would hear of its answer before the charge is held',
    file: 'src/flows/rescue/repeat-request.ts',
    from: ' && age < RESEND_UNTIL_SECONDS',
    to: '',
    killedBy: {
      file: 'test/flows/crashes.test.ts',
      test: 'what a dead daemon left open for all but an hour of the day in which it is asked about is asked about and held; no request leaves of which nobody would hear',
    },
  },
  {
    name: 'a daemon that stood still is believed although its request was repeated meanwhile',
    file: 'src/flows/due-date/settle-attempts.ts',
    from: '  if (isInDoubt(known) && isStaleRefusal(dossier, answered)) return false;\n',
    to: '',
    killedBy: {
      file: 'test/flows/repetitions.test.ts',
      test: 'and then says that nothing was sent, does not have the cycle charged again',
    },
  },
  {
    name: 'the refusal of a repetition is taken for the outcome of the first',
    file: 'src/flows/rescue/repeat-request.ts',
    from: 'return madeNoPayment(outcome) ? null : outcome;',
    to: 'return outcome;',
    killedBy: {
      file: 'test/flows/repetitions.test.ts',
      test: 'and whose method ended since stays unknown: the first time may have charged',
    },
  },
  {
    name: 'a request is repeated on a day that belongs to another charge of its mandate',
    file: 'src/flows/rescue/repeat-request.ts',
    from: 'last === null ? null : day(last), day(now)',
    to: 'null, day(now)',
    killedBy: {
      file: 'test/flows/repetitions.test.ts',
      test: 'is not on a day on which the next cycle was charged, since the mandate keeps the two a day apart',
    },
  },
  {
    name: 'a repetition is counted from the day of the first time',
    file: 'src/flows/rescue/repeat-request.ts',
    from: 'return await markRepeated(ctx.db, dossier, permit, now);',
    to: 'return true;',
    killedBy: {
      file: 'test/flows/repetitions.test.ts',
      test: 'on the next day keeps the next cycle a day apart from it',
    },
  },
  {
    name: 'a canceled subscription is attempted all the same',
    file: 'src/flows/rescue/repeat-request.ts',
    from: ' || !(await isStillWanted(ctx, dossier))',
    to: '',
    killedBy: {
      file: 'test/flows/unknown.test.ts',
      test: 'is only looked up once the subscription is canceled, or charging is stopped',
    },
  },
  {
    name: 'canceling leaves due charges due',
    file: 'src/flows/charges/void-charges.ts',
    from: "const due = charges.filter((charge) => charge.status === 'due');",
    to: "const due = charges.filter((charge) => charge.status === 'never');",
    killedBy: { file: 'test/flows/cancel.test.ts', test: 'in dunning voids what is due, with its reason' },
  },
  {
    name: "a webhook's amount is not compared with ours",
    file: 'src/flows/inbox/follow-payment.ts',
    from: 'if (amount.minor === attempt.amount && amount.currency === attempt.currency) return null;',
    to: "if (amount.currency !== 'XXX') return null;",
    killedBy: { file: 'test/flows/webhooks.test.ts', test: 'in the amount changes nothing, and is kept and told of' },
  },
  {
    name: 'a webhook about an attempt without an id is believed by itself',
    file: 'src/flows/inbox/follow-payment.ts',
    from: '  const found = await confirmation(ctx, attempt, notice);',
    to: "  const found: LookUp = attempt.paymentRequestId === null ? { kind: 'found', outcome: notice.outcome } : await confirmation(ctx, attempt, notice);",
    killedBy: {
      file: 'test/flows/webhooks.test.ts',
      test: 'about an attempt without an id is not believed by itself: it waits until Xendit confirms it',
    },
  },
  {
    name: 'a webhook that matches our attempt is believed by itself',
    file: 'src/flows/inbox/follow-payment.ts',
    from: '  const found = await confirmation(ctx, attempt, notice);',
    to: "  const found: LookUp = attempt.paymentRequestId !== null ? { kind: 'found', outcome: notice.outcome } : await confirmation(ctx, attempt, notice);",
    killedBy: {
      file: 'test/flows/webhooks.test.ts',
      test: 'and says FAILED of a payment that is on its way starts no second attempt',
    },
  },
  {
    name: 'a second success of a cycle is one more payment, and nobody is told',
    file: 'src/domain/dunning/dunning.ts',
    from: 'if (absorbs(given.charge)) return',
    to: 'if (given.now !== null) return',
    killedBy: {
      file: 'test/flows/late-answers.test.ts',
      test: 'and after another attempt has paid is too much: recorded, and the charge stays paid',
    },
  },
  {
    name: 'what stays unknown for a day is given up for failed',
    file: 'src/domain/dunning/doubt.ts',
    from: "return { kind: 'hold', reason: 'unknown_outcome', why: because(given, 'unknown_too_long', text, { counted }) };",
    to: "return { kind: 'give_up', then: 'keep', why: because(given, 'unknown_too_long', text, { counted }) };",
    killedBy: {
      file: 'test/flows/unknown.test.ts',
      test: 'is asked about after 1 minute, 5 minutes, 1 hour, then hourly, and held for a person after 24 hours',
    },
  },
  {
    name: "an attempt is asked about while its owner still waits for Xendit's answer",
    file: 'src/infra/tables/charges/attempts.ts',
    from: 'l.outcome is null and l.lease_until < now()',
    to: 'l.outcome is null',
    killedBy: {
      file: 'test/flows/two-daemons.test.ts',
      test: 'leave an attempt alone whose owner is still waiting for the answer',
    },
  },
  {
    name: 'the days between two charges of a mandate are not kept',
    file: 'src/domain/dunning/admission.ts',
    from: '    byMandate(candidate, mandate, today) ??\n',
    to: '',
    killedBy: { file: 'test/flows/limits.test.ts', test: 'keeps the charges of two cycles apart too' },
  },
  {
    name: 'the limits of the card networks are not kept',
    file: 'src/domain/dunning/admission.ts',
    from: "  if (verdict.allowed) return { kind: 'attempt' };\n",
    to: "  if (verdict.allowed || candidate.network !== '') return { kind: 'attempt' };\n",
    killedBy: {
      file: 'test/flows/limits.test.ts',
      test: 'hold across cycles: a wallet is never declined more than five times in thirty days',
    },
  },
  {
    name: 'each replica has the whole allowance for itself',
    file: 'src/infra/tables/control/pace.ts',
    from: '${limit}::int - w.used)) end as granted',
    to: '${limit}::int)) end as granted',
    killedBy: {
      file: 'test/flows/pace.test.ts',
      test: 'is one for all: two daemons together get no more than there is',
    },
  },
  {
    name: 'cycles count from the one before, not from the anchor',
    file: 'src/domain/calendar/cycle.ts',
    from: '  return addInterval(anchor, interval, n - anchorCycle);',
    to: '  return n === anchorCycle ? anchor : addInterval(cycleStart(schedule, n - 1), interval, 1);',
    killedBy: {
      file: 'test/flows/billing-cycles.test.ts',
      test: 'from the 31st counts every month from the anchor, and collects each once',
    },
  },
  {
    name: 'an account-wide refusal stops nobody',
    file: 'src/flows/due-date/settle-attempts.ts',
    from: "if (decision.kind !== 'release' || !decision.stops) return;",
    to: "if (decision.kind !== 'paid') return;",
    killedBy: {
      file: 'test/flows/refusals.test.ts',
      test: 'stops charging after the first answer: one request is sent, and nothing is burned',
    },
  },
  {
    name: 'a claim that was looked at before its channel stopped is made',
    file: 'src/infra/tables/control/binding.ts',
    from: "and b.state <> 'closed' ${out}",
    to: 'and false',
    killedBy: {
      file: 'test/flows/breakers.test.ts',
      test: 'is charged by no claim that was looked at before it stopped, nor by a probe that is no longer the one',
    },
  },
  {
    name: 'what the customer may still authenticate stays open when the charge is tried again',
    file: 'src/infra/tables/charges/charges.ts',
    from: ' and not ${isToClose(where)}',
    to: '',
    killedBy: { file: 'test/flows/open-actions.test.ts', test: 'is closed at Xendit before another is made' },
  },
  {
    name: 'a time-out told as FAILED is a failure',
    file: 'src/domain/dunning/dunning.ts',
    from: 'if (doubted !== null) return doubted;',
    to: 'if (doubted === given) return doubted;',
    killedBy: {
      file: 'test/flows/time-outs.test.ts',
      test: 'TIMEOUT_ERROR on DANA whose money is found half an hour later is one payment',
    },
  },
  {
    name: 'a vaguer failure ends the day of a time-out',
    file: 'src/domain/dunning/doubt.ts',
    from: 'if (!tellsOfTimeOut(code) && !tellsOfTimeOut(attempt.failureCode)) return null;',
    to: 'if (!tellsOfTimeOut(code)) return null;',
    killedBy: { file: 'test/flows/time-outs.test.ts', test: 'is not ended by a vaguer failure after it' },
  },
  {
    name: 'a card is tried again without the word of its network',
    file: 'src/domain/dunning/dunning.ts',
    from: 'if (isUnread(outcome, verdict, given)) return',
    to: 'if (isUnread(outcome, verdict, given) && given.now === null) return',
    killedBy: {
      file: 'test/flows/time-outs.test.ts',
      test: 'is read again before its retry: the network may say that the order was revoked',
    },
  },
  {
    name: 'a stolen card is the end of its customer',
    file: 'src/domain/dunning/dunning.ts',
    from: "    case 'token_dead':\n    case 'never_again':\n      return waitForCustomer(code, verdict, given);",
    to: "    case 'token_dead':\n      return waitForCustomer(code, verdict, given);\n    case 'never_again':\n      return retryOnLadder(code, { ...verdict, tries: 0 }, given);",
    killedBy: {
      file: 'test/flows/declines.test.ts',
      test: 'because of STOLEN_CARD (network 43, advice null): that card is never tried again, and another one pays within the window',
    },
  },
  {
    name: 'a retry is made after its window',
    file: 'src/flows/charges/admit-charges.ts',
    from: 'if (Temporal.Instant.compare(now, end) > 0) {',
    to: 'if (end === null) {',
    killedBy: {
      file: 'test/flows/windows.test.ts',
      test: 'a retry that could not be made within it is held for a person, who was not told no',
    },
  },
  {
    name: 'an attempt that did not count uses up the pass that a person gave',
    file: 'src/flows/charges/settlement-of.ts',
    from: ' && !counts(decision);',
    to: ' && false;',
    killedBy: {
      file: 'test/flows/spending-limits.test.ts',
      test: 'lets a released one pass again when its attempt did not count',
    },
  },
  {
    name: 'a link of the ledger does not cover the one before it',
    file: 'src/infra/tables/change/chain.ts',
    from: "hash('sha256', `${previous}",
    to: "hash('sha256', `${previous.slice(64)}",
    killedBy: {
      file: 'test/flows/ledger.test.ts',
      test: 'is whole for every subscription, and its money is what the gateway collected',
    },
  },
  {
    name: 'a charge is put off whatever happened to it since it was looked at',
    file: 'src/infra/tables/charges/charges.ts',
    from: ': eq(charges.nextAttemptAt, seen.nextAttemptAt)',
    to: ': undefined',
    killedBy: {
      file: 'test/flows/stale-looks.test.ts',
      test: 'does not put it off, when a person had it tried at once meanwhile',
    },
  },
  {
    name: 'a charge that waited for nothing is put off although it has its time by now',
    file: 'src/infra/tables/charges/charges.ts',
    from: '? isNull(charges.nextAttemptAt)',
    to: '? undefined',
    killedBy: {
      file: 'test/flows/stale-looks.test.ts',
      test: 'does not put it off, when it waits for its customer meanwhile, nor the other way round',
    },
  },
  {
    name: 'an attempt is called asked about whatever was found meanwhile',
    file: 'src/infra/tables/charges/lost-attempts.ts',
    from: '        eq(charges.attempts, seen.attempts),\n',
    to: '',
    killedBy: {
      file: 'test/flows/stale-looks.test.ts',
      test: 'does not call its next attempt asked about, when another attempt was made meanwhile',
    },
  },
  {
    name: 'of several open actions the first is closed only',
    file: 'src/infra/tables/charges/due.ts',
    from: 'and a.action_closed_at is null',
    to: 'and a.action_closed_at is null and a.number = 1',
    killedBy: {
      file: 'test/flows/open-actions.test.ts',
      test: 'is closed although an earlier one of the same charge was closed before',
    },
  },
  {
    name: 'what falls due while charging takes hours is opened after it',
    file: 'src/flows/due-date/claim-due-charges.ts',
    from: '(await rounds?.make(now)) === true',
    to: 'rounds === undefined',
    killedBy: { file: 'test/flows/endless-runs.test.ts', test: 'while Xendit throttles' },
  },
  {
    name: 'two missed cycles of one customer are claimed in one statement',
    file: 'src/flows/due-date/claim-due-charges.ts',
    from: 'charge.missed || counted ?',
    to: 'counted ?',
    killedBy: {
      file: 'test/flows/missed-cycles.test.ts',
      test: 'are charged one a day per customer, also where another customer comes before all of theirs',
    },
  },
  {
    name: 'an attempt is released before the account is stopped',
    file: 'src/flows/due-date/settle-attempts.ts',
    from: '  for (const { decision } of decided) await stopIfAccountIsAtFault(ctx, decision, now);\n',
    to: '',
    killedBy: {
      file: 'test/flows/refusals.test.ts',
      test: 'stops charging before its attempt is released: a daemon that dies in between leaves nothing to burn',
    },
  },
  {
    name: 'a late success is not put back into the count of its day',
    file: 'src/flows/control/spending-brake.ts',
    from: 'before === after ||',
    to: 'before === after || after ||',
    killedBy: {
      file: 'test/flows/spending-limits.test.ts',
      test: 'what was declined and is collected after all counts again',
    },
  },
  {
    name: 'a sweep is ended by whoever held it before',
    file: 'src/infra/tables/books/sweeps.ts',
    from: 'holder = null, lease_until = null\n    where account = ${OWN_ACCOUNT} and holder = ${holder}::uuid`',
    to: 'holder = null, lease_until = null\n    where account = ${OWN_ACCOUNT}`',
    killedBy: {
      file: 'test/flows/stale-looks.test.ts',
      test: 'is not ended by whoever held it before, who knows nothing of what its heir has compared',
    },
  },
  {
    name: 'a card that must never be tried again ends the customer',
    file: 'src/domain/dunning/dunning.ts',
    from: "    case 'never_again':\n      return waitForCustomer(code, verdict, given);",
    to: "    case 'never_again':\n      return { kind: 'give_up', then: given.policy.then, why: because(given, 'class_says_no_more', code) };",
    killedBy: {
      file: 'test/flows/declines.test.ts',
      test: 'that card is never tried again, and another one pays within the window',
    },
  },
  {
    name: 'a 404 of the list of transactions says that Xendit knows no such attempt',
    file: 'src/infra/gateway/xendit/transactions.ts',
    from: 'unanswering(seen.failure)',
    to: "({ kind: 'absent' } as const)",
    killedBy: { file: 'test/infra/xendit-look-up.test.ts', test: 'says nothing about the payment' },
  },
  {
    name: 'cycles are opened only once the last charge of a run is made',
    file: 'src/flows/due-date/rounds.ts',
    from: 'return passed < 0 || passed >= EVERY_SECONDS;',
    to: 'return passed < 0;',
    killedBy: { file: 'test/flows/endless-runs.test.ts', test: 'while Xendit throttles' },
  },
  {
    name: 'an open action is closed while charging is stopped',
    file: 'src/flows/due-date/close-actions.ts',
    from: "    if ((await mayCharge(ctx)).kind === 'no') return freed;\n",
    to: '',
    killedBy: { file: 'test/flows/open-actions.test.ts', test: 'is left alone at Xendit while charging is stopped' },
  },
  {
    name: 'of two used links the one that is heard of last decides',
    file: 'src/flows/onboarding/link-token.ts',
    from: "number > onboarding.number && status === 'completed'",
    to: "number > onboarding.number && status === 'never'",
    killedBy: {
      file: 'test/flows/replace-method.test.ts',
      test: 'the newest that the customer used decides, whichever of two is heard of last',
    },
  },
  {
    name: 'the number of a session is counted from those that were opened',
    file: 'src/infra/tables/methods/onboardings.ts',
    from: 'fragment`greatest(${subscriptions.sessionNumber}, (${known})) + 1`',
    to: 'fragment`(${known}) + 1`',
    killedBy: {
      file: 'test/flows/replace-method.test.ts',
      test: 'although the process died before it had stored the session',
    },
  },
  {
    name: 'two replicas ask about the same session at once',
    file: 'src/infra/tables/methods/onboardings.ts',
    from: 'set next_check_at = ${until.toString()}::timestamptz, checks',
    to: 'set checks',
    killedBy: { file: 'test/flows/session-looks.test.ts', test: 'are asked about once, by however many replicas' },
  },
  {
    name: 'permits of the time before the clock went back count until that time comes again',
    file: 'src/infra/tables/control/pace.ts',
    from: "least(n.at, date_trunc('milliseconds', clock_timestamp())) as at",
    to: 'n.at as at',
    killedBy: {
      file: 'test/flows/clock-steps.test.ts',
      test: 'charging goes on within a minute or two, although the pace was used up',
    },
  },
  {
    name: 'leases of the time before the clock went back are waited for',
    file: 'src/infra/tables/control/clock-watch.ts',
    from: 'update attempts a set lease_until = now() from ahead h',
    to: 'update attempts a set lease_until = a.lease_until from ahead h',
    killedBy: {
      file: 'test/flows/clock-steps.test.ts',
      test: 'an attempt whose owner died is asked about within a minute, and held after its day',
    },
  },
  {
    name: 'a resumed subscription owes nothing for the period that runs',
    file: 'src/domain/subscriptions/subscription-status.ts',
    from: "owed.inDunning > 0 || owed.newest === 'uncollectible'",
    to: 'owed.inDunning > 0',
    killedBy: { file: 'test/flows/status.test.ts', test: 'voided by a person leaves what was given up before it' },
  },
  {
    name: 'a repetition leaves after the commit that cancels',
    file: 'src/infra/tables/charges/attempts.ts',
    from: ' and s.ledger_seq = ${subscription.ledgerSeq}::int and s.ledger_head = ${subscription.ledgerHead}',
    to: '',
    killedBy: {
      file: 'test/flows/repetitions.test.ts',
      test: 'does not leave after the commit by which it is canceled',
    },
  },
  {
    name: 'a repetition leaves after the commit that stops charging',
    file: 'src/infra/tables/charges/attempts.ts',
    from: 'and ${isPermitted} for update of s',
    to: 'for update of s',
    killedBy: {
      file: 'test/flows/repetitions.test.ts',
      test: 'does not leave after the commit by which it is stopped',
    },
  },
  {
    name: 'a method whose end was told to one subscription only is charged for the others',
    file: 'src/flows/charges/admit-charges.ts',
    from: 'if (ended !== null && token?.tokenId != null) {',
    to: 'if (ended !== null && token === null) {',
    killedBy: {
      file: 'test/flows/after-settlement.test.ts',
      test: 'nor is it charged before anybody looked at methods',
    },
  },
  {
    name: 'a request of a method that ended as that of another subscription is repeated',
    file: 'src/flows/rescue/repeat-request.ts',
    from: '  if (past.ended !== null) return false;\n',
    to: '',
    killedBy: { file: 'test/flows/after-settlement.test.ts', test: 'nor is its request repeated' },
  },
  {
    name: 'the end of a method that was not told to all of its subscriptions is left to their next charges',
    file: 'src/flows/time/work-due.ts',
    from: '  await endTheRest(ctx);\n',
    to: '',
    killedBy: {
      file: 'test/flows/after-settlement.test.ts',
      test: "has ended for another subscription before that is due, and nobody else's has",
    },
  },
  {
    name: 'a look at methods ends one that was saved anew',
    file: 'src/infra/tables/methods/tokens.ts',
    from: ' and o.saved_at <= t.ended_at)`',
    to: ')`',
    killedBy: {
      file: 'test/flows/after-settlement.test.ts',
      test: 'a card that was saved anew after it had ended is charged',
    },
  },
  {
    name: 'a method that was saved anew stays ended',
    file: 'src/infra/tables/charges/past-attempts.ts',
    from: ' and t.ended_at >= o.saved_at then',
    to: ' then',
    killedBy: {
      file: 'test/flows/after-settlement.test.ts',
      test: 'a card that was saved anew after it had ended is charged',
    },
  },
  {
    name: 'a decline stays in the count of its day',
    file: 'src/flows/due-date/settle-attempts.ts',
    from: '        ...correctionOf(ctx, dossier, keptAs(answered.outcome, decision)),\n',
    to: '',
    killedBy: { file: 'test/flows/after-settlement.test.ts', test: 'what was declined is not in the count of the day' },
  },
  {
    name: 'a time-out told as a failure is tried again at once',
    file: 'src/domain/dunning/doubt.ts',
    from: 'if (age >= timeOutLimit) return null;',
    to: 'if (age >= 0) return null;',
    killedBy: { file: 'test/flows/time-outs.test.ts', test: 'whose money is found half an hour later is one payment' },
  },
  {
    name: 'a claim is made though charging was stopped since it was looked at',
    file: 'src/infra/tables/control/binding.ts',
    from: 'where o.stopped_at is null and ',
    to: 'where ',
    killedBy: {
      file: 'test/flows/arming.test.ts',
      test: 'between look and claim charging is stopped: nothing is sent',
    },
  },
  {
    name: 'a claim is made with a key that another was armed for',
    file: 'src/infra/tables/control/binding.ts',
    from: ' and o.fingerprint = ${key.fingerprint}',
    to: '',
    killedBy: {
      file: 'test/flows/arming.test.ts',
      test: 'between look and claim another key is armed: nothing is sent',
    },
  },
  {
    name: 'a claim is made on another server than was looked at',
    file: 'src/infra/tables/control/binding.ts',
    from: 'o.system = o.seen_system and ',
    to: '',
    killedBy: {
      file: 'test/flows/arming.test.ts',
      test: 'between look and claim another server answers: nothing is sent',
    },
  },
  {
    name: 'a claim is made on a standby that was promoted since it was looked at',
    file: 'src/infra/tables/control/binding.ts',
    from: 'o.timeline = o.seen_timeline and ',
    to: '',
    killedBy: {
      file: 'test/flows/arming.test.ts',
      test: 'between look and claim a standby is promoted: nothing is sent',
    },
  },
  {
    name: 'a claim is made although rows may have been lost since it was looked at',
    file: 'src/infra/tables/control/binding.ts',
    from: '\n      and o.ask_since is not distinct from ${askSince?.toString() ?? null}::timestamptz',
    to: '',
    killedBy: {
      file: 'test/flows/arming.test.ts',
      test: 'between look and claim rows may have been lost: nothing is sent',
    },
  },
  {
    name: 'a stop that came after the look is lifted unseen',
    file: 'src/infra/tables/charging/charging.ts',
    from: '\n      and o.reason is not distinct from ${state.reason}',
    to: '',
    killedBy: {
      file: 'test/flows/armings.test.ts',
      test: 'a stop that came after the look is not lifted unseen, and the row names what was lifted',
    },
  },
  {
    name: 'two sweeps at once',
    file: 'src/infra/tables/books/sweeps.ts',
    from: '\n      and (lease_until is null or lease_until < now())',
    to: '',
    killedBy: { file: 'test/flows/reconciliation.test.ts', test: 'is done by one of several replicas' },
  },
  {
    name: 'the limit of a day is looked at before the claim only',
    file: 'src/infra/tables/control/spending.ts',
    from: 'where f.day_limit is null or f.before + f.day_sum <= f.day_limit',
    to: 'where true',
    killedBy: {
      file: 'test/flows/spending-limits.test.ts',
      test: 'is not made once another replica has used up what was left of the day',
    },
  },
  {
    name: 'what was sent before an arming is taken off the count that the arming began',
    file: 'src/infra/tables/control/spending.ts',
    from: 'where d.counted_from is null or c.sent_at > d.counted_from group by 1',
    to: 'group by 1',
    killedBy: {
      file: 'test/flows/spending-limits.test.ts',
      test: 'a decline of what was sent before a person armed makes no room in the new count',
    },
  },
  {
    name: 'a pause that Xendit asked for is not kept',
    file: 'src/infra/tables/control/pace.ts',
    from: 'when p.paused_until > clock_timestamp() then 0',
    to: 'when false then 0',
    killedBy: { file: 'test/flows/pace.test.ts', test: 'is nothing while Xendit asks to wait, even without a pace' },
  },
  {
    name: 'a charge is attempted after the last day of its mandate',
    file: 'src/domain/dunning/admission.ts',
    from: '!coversDate(mandate, today)',
    to: 'today === null',
    killedBy: {
      file: 'test/flows/limits.test.ts',
      test: 'is never outlived: after its last day charges wait for the customer, and are given up in the end',
    },
  },
  {
    name: 'a process that is told to stop sends what it has claimed',
    file: 'src/flows/due-date/attempt-charges.ts',
    from: "  if (ctx.stopping.aborted) return notSent('STOPPING', 'the process is shutting down');\n",
    to: '',
    killedBy: {
      file: 'test/flows/refusals.test.ts',
      test: 'sends nothing that it has claimed, and gives it back unspent',
    },
  },
  {
    name: 'who became active again after rows were lost is charged without a question',
    file: 'src/flows/due-date/open-charges.ts',
    from: 'mayBeSecond(subscription, losses) ? subscription.createdAt : null;',
    to: 'null;',
    killedBy: {
      file: 'test/flows/lost-rows.test.ts',
      test: 'a wallet is not charged again though even its saving is gone, with its first payment',
    },
  },
  {
    name: 'what Xendit lists is looked for from the second activation on',
    file: 'src/flows/rescue/ask-about-lost.ts',
    from: 'return mayBeSecond(subscription, asked) ? subscription.createdAt : charge.dueAt;',
    to: 'return charge.dueAt;',
    killedBy: {
      file: 'test/flows/lost-rows.test.ts',
      test: 'the list is read from before the first activation on, where rows of it may be lost',
    },
  },
  {
    name: 'half of the list of Xendit is taken for all of it',
    file: 'src/flows/rescue/listed-references.ts',
    from: 'if (pages >= mostPages && read.page.next !== null) return null;',
    to: 'if (pages >= mostPages && read.page.next !== null) return references;',
    killedBy: {
      file: 'test/flows/lost-rows.test.ts',
      test: 'charges of which nothing is known cost five where the list is longer than the charges are many',
    },
  },
  {
    name: 'nobody closes open actions',
    file: 'src/entry/scheduler/jobs.ts',
    from: "  { name: 'open actions', cron: everyMinute, flow: closeActions },\n",
    to: '',
    killedBy: {
      file: 'test/flows/open-actions.test.ts',
      test: 'is closed by a job of the daemon, whose end wakes those who charge',
    },
  },
  {
    name: 'absence is believed at once after an arming',
    file: 'src/flows/rescue/ask-about-lost.ts',
    from: 'if (Temporal.Instant.compare(now, believed) < 0)',
    to: 'if (now === null)',
    killedBy: {
      file: 'test/flows/lost-rows.test.ts',
      test: 'absence is believed after five minutes only: until then the attempt may be on its way',
    },
  },
  {
    name: 'what may have been lost is tried without asking',
    file: 'src/infra/tables/charges/charges.ts',
    from: ' and not ${isToAsk(asked, where)} and ${isOverNone',
    to: ' and ${isOverNone',
    killedBy: {
      file: 'test/flows/lost-rows.test.ts',
      test: 'a wallet is not charged again though the attempt and its settlement are gone',
    },
  },
  {
    name: 'what belongs to a change that is refused is written all the same',
    file: 'src/infra/tables/change/fenced-rows.ts',
    from: 'join moved m on m.bucket = u.bucket and m.id = u.of_id',
    to: 'join i m on m.bucket = u.bucket and m.id = u.of_id',
    killedBy: {
      file: 'test/flows/changes.test.ts',
      test: 'that is refused leaves everything else that it would have written as it was',
    },
  },
  {
    name: 'a row that belongs to a change that is refused is inserted all the same',
    file: 'src/infra/tables/change/fenced-rows.ts',
    from: 'fencedBy = sql`moved`',
    to: 'fencedBy = sql`i`',
    killedBy: {
      file: 'test/flows/changes.test.ts',
      test: 'that is refused leaves everything else that it would have written as it was',
    },
  },
  {
    name: 'a charge that cannot be claimed stays first for ever',
    file: 'src/flows/control/claim-failures.ts',
    from: 'if (failures >= MOST_FAILURES)',
    to: 'if (failures >= 1_000_000)',
    killedBy: {
      file: 'test/flows/held-rows.test.ts',
      test: 'three charges: the nine others are collected, and none of them is claimed without being sent',
    },
  },
  {
    name: 'a wallet is tried without asking after Postgres was started anew',
    file: 'src/infra/tables/charges/due.ts',
    from: 'runSince === null ? []',
    to: 'runSince !== undefined ? []',
    killedBy: {
      file: 'test/flows/lost-rows.test.ts',
      test: 'a wallet is asked about before it is tried, and charged once',
    },
  },
  {
    name: 'a claim that was decided on under the run before is written',
    file: 'src/infra/tables/control/binding.ts',
    from: ' and o.run = ${start}',
    to: '',
    killedBy: {
      file: 'test/flows/lost-rows.test.ts',
      test: 'a claim that was decided on under the run before is not written',
    },
  },
  {
    name: 'a claim that was looked at on one run of the server is written on the next',
    file: 'src/infra/tables/control/binding.ts',
    from: ' and o.seen_start = ${start}',
    to: '',
    killedBy: {
      file: 'test/flows/arming.test.ts',
      test: 'what was looked at before the server was started anew is not claimed',
    },
  },
  {
    name: 'a sweep is kept by whoever held it before',
    file: 'src/infra/tables/books/sweeps.ts',
    from: ' and holder = ${holder}::uuid returning account',
    to: ' returning account',
    killedBy: {
      file: 'test/flows/stale-looks.test.ts',
      test: 'is not kept by whoever held it before, and goes on by the lease of its heir',
    },
  },
  {
    name: "the limit of a customer's day is looked at before the claim only",
    file: 'src/infra/tables/control/spending.ts',
    from: 'where i.customer_limit is null or coalesce((c.spent ->> i.currency)::bigint, 0) + i.takes <= i.customer_limit) f',
    to: 'where true) f',
    killedBy: {
      file: 'test/flows/spending-limits.test.ts',
      test: 'is not made once another replica has used up what was left of the customer',
    },
  },
  {
    name: 'what waits for a stopped channel stays in the queue',
    file: 'src/infra/tables/charging/breakers.ts',
    from: 'set next_attempt_at = null, waits_until = p.waits_until',
    to: 'set waits_until = p.waits_until',
    killedBy: {
      file: 'test/flows/breakers.test.ts',
      test: 'is tried with a single charge, by one replica, after pauses that grow to an hour',
    },
  },
  {
    name: 'what a channel did to customers before it was stopped is not taken back',
    file: 'src/flows/charging/release-streak.ts',
    from: 'if (code === null || code === NO_ANSWER || isLimit(code)) return;',
    to: 'if (code !== undefined) return;',
    killedBy: {
      file: 'test/flows/breakers.test.ts',
      test: 'seen on one charge a day, too: what had been dunned is taken back, and the ledger says why',
    },
  },
  {
    name: 'the customer is given up when a window ends while the channel is stopped',
    file: 'src/flows/due-date/give-up-waiting.ts',
    from: "dossier.subscription.status !== 'paused' && dossier.charge.waitsFor !== null",
    to: "dossier.charge.waitsFor === ''",
    killedBy: {
      file: 'test/flows/breakers.test.ts',
      test: 'holds its charges for a person when their windows end: nobody is dunned or canceled for it',
    },
  },
  {
    name: 'a process that died with a probe is waited for',
    file: 'src/domain/control/breaker.ts',
    from: 'probeAt: now.add({ minutes: PROBE_MINUTES })',
    to: 'probeAt: null',
    killedBy: {
      file: 'test/flows/breakers.test.ts',
      test: 'is tried by another process when the one that tried it died',
    },
  },
  {
    name: 'whoever puts a charge off waits for somebody who holds its row',
    file: 'src/infra/tables/charges/charges.ts',
    from: '        isFree(seen),\n        seen.nextAttemptAt',
    to: '        seen.nextAttemptAt',
    killedBy: {
      file: 'test/flows/held-rows.test.ts',
      test: 'a charge that is to be put off, or was asked about: nobody waits for it',
    },
  },
  {
    name: 'whoever asked about a charge waits for somebody who holds its row',
    file: 'src/infra/tables/charges/lost-attempts.ts',
    from: '        isFree(seen),\n',
    to: '',
    killedBy: {
      file: 'test/flows/held-rows.test.ts',
      test: 'a charge that is to be put off, or was asked about: nobody waits for it',
    },
  },
  {
    name: 'a claim waits for somebody who holds one of its charges',
    file: 'src/infra/tables/change/free-rows.ts',
    from: 'for no key update of t skip locked',
    to: 'for no key update of t',
    killedBy: {
      file: 'test/flows/held-rows.test.ts',
      test: 'three charges: the nine others are collected, and none of them is claimed without being sent',
    },
  },
  {
    name: 'a claim waits for somebody who holds one of its subscriptions',
    file: 'src/infra/tables/change/moves.ts',
    from: '[sql`subs`, sql` skip locked`]',
    to: '[sql`subs`, sql``]',
    killedBy: {
      file: 'test/flows/held-rows.test.ts',
      test: 'three subscriptions: the nine others are collected, and none of them is claimed without being sent',
    },
  },
  {
    name: 'a request with our own mark in it cannot be stored',
    file: 'src/infra/vault/request.ts',
    from: '  for (let turn = 1; body.includes(mark); turn += 1) mark = markOf(turn);\n',
    to: '',
    killedBy: {
      file: 'test/flows/broken-charges.test.ts',
      test: 'a return URL with our own mark in it is charged like any other',
    },
  },
  {
    name: "a commit is as durable as the server's own setting says",
    file: 'src/infra/database/connection.ts',
    from: "const DURABLE = { synchronous_commit: 'on' };",
    to: 'const DURABLE = {};',
    killedBy: {
      file: 'test/stories/rollback.test.ts',
      test: 'a server whose own synchronous_commit is off crashes during the call: the attempt is still there',
    },
  },
  {
    name: 'a 404 that Xendit did not write says that it has no such thing',
    file: 'src/infra/gateway/xendit/failure-codes.ts',
    from: 'status === 404 && NOT_FOUND.has(code)',
    to: 'status === 404',
    killedBy: { file: 'test/infra/xendit-look-up.test.ts', test: 'a 404 that Xendit did not write says nothing of it' },
  },
  {
    name: 'Xendit is asked about a session with every webhook that tells of it',
    file: 'src/infra/tables/methods/onboardings.ts',
    from: 'lte(onboardings.askedAt, then)',
    to: 'lte(onboardings.askedAt, now)',
    killedBy: {
      file: 'test/flows/session-looks.test.ts',
      test: 'of which five hundred webhooks tell is asked about once a minute',
    },
  },
  {
    name: 'a charge that cannot be claimed is looked at for ever',
    file: 'src/flows/charges/hold-broken.ts',
    from: 'if (claimFaults >= MOST_FAULTS)',
    to: 'if (claimFaults < 0)',
    killedBy: {
      file: 'test/flows/broken-charges.test.ts',
      test: 'a charge that cannot be claimed for a day is held with its reason, and the others go on',
    },
  },
  {
    name: 'a key that was used answers whatever is asked with it',
    file: 'src/flows/access/keyed-call.ts',
    from: `    if (kept.request !== held.request) return { kind: 'another_body' };\n`,
    to: '',
    killedBy: {
      file: 'test/entry/idempotency.test.ts',
      test: 'is a conflict with another body, another address, and nothing is done',
    },
  },
  {
    name: 'what a person stopped goes on after a restart',
    file: 'src/infra/tables/charging/charging.ts',
    from: ' and c.stopped_at is not null and c.stopped_by is null',
    to: ' and c.stopped_at is not null',
    killedBy: { file: 'test/entry/confirmation.test.ts', test: 'a restart does not lift it, arm does' },
  },
  {
    name: 'a probe is made that another has taken the place of',
    file: 'src/infra/tables/control/binding.ts',
    from: 'sql`and b.probe is distinct from ${probe}::uuid`',
    to: 'sql`and false`',
    killedBy: {
      file: 'test/flows/breakers.test.ts',
      test: 'is charged by no claim that was looked at before it stopped, nor by a probe that is no longer the one',
    },
  },
  {
    name: 'a probe of a stopped channel is not asked about where rows may have been lost',
    file: 'src/infra/tables/charging/breakers.ts',
    from: ' and not ${isToAsk(asked, where)} order by c.waits_until',
    to: ' order by c.waits_until',
    killedBy: {
      file: 'test/flows/lost-rows.test.ts',
      test: 'wallets that wait for a stopped channel are asked about before one of them finds out whether it works',
    },
  },
  {
    name: 'a told time-out is taken for the fault of a stopped channel',
    file: 'src/domain/dunning/doubt.ts',
    from: 'return whileItMayStillPay(outcome, given) !== null || isUnread(outcome, verdict, given);',
    to: 'return isUnread(outcome, verdict, given);',
    killedBy: {
      file: 'test/flows/time-outs.test.ts',
      test: 'nor by a fault of its channel that is stopped meanwhile: the money may still move for a day',
    },
  },
  {
    name: 'a method that a channel ended is given back to one of its subscriptions only',
    file: 'src/flows/methods/revive-method.ts',
    from: `oneEach(dead).map((dossier) => revivedOf(ctx, dossier, mistaken.why, now)));
    await applyChanges(ctx.db, ctx.buckets, changes);
    return LOST;`,
    to: `oneEach(dead).slice(0, 1).map((dossier) => revivedOf(ctx, dossier, mistaken.why, now)));
    await applyChanges(ctx.db, ctx.buckets, changes);
    return undefined;`,
    killedBy: {
      file: 'test/flows/breakers.test.ts',
      test: 'that ended a method which pays for another subscription too ends it for neither',
    },
  },
  {
    name: 'a repetition leaves after the commit that stops its channel',
    file: 'src/infra/tables/control/binding.ts',
    from: 'sql`and b.code <> all(${spares}::text[])`',
    to: 'sql`and false`',
    killedBy: {
      file: 'test/flows/repetitions.test.ts',
      test: 'does not leave after the commit by which it is stopped on its channel',
    },
  },
  {
    name: 'a probe goes out while another is out',
    file: 'src/domain/control/breaker.ts',
    from: 'probeAt: now.add({ minutes: PROBE_MINUTES })',
    to: 'probeAt: breaker.probeAt',
    killedBy: {
      file: 'test/flows/breakers.test.ts',
      test: 'is tried by another process when the one that tried it died',
    },
  },
  {
    name: 'a claim is made in another database than was looked at',
    file: 'src/infra/tables/control/binding.ts',
    from: ' and o.database = o.seen_database',
    to: '',
    killedBy: {
      file: 'test/flows/arming.test.ts',
      test: 'between look and claim another database answers: nothing is sent',
    },
  },
  {
    name: 'a claim is made in tables that were read back since',
    file: 'src/infra/tables/control/binding.ts',
    from: ' and o.tables = o.seen_tables',
    to: '',
    killedBy: {
      file: 'test/flows/arming.test.ts',
      test: 'between look and claim tables that were read back answer: nothing is sent',
    },
  },
  {
    name: 'a claim is made with a key of another mode than is armed',
    file: 'src/infra/tables/control/binding.ts',
    from: ' and o.mode = ${key.mode}',
    to: '',
    killedBy: {
      file: 'test/flows/arming.test.ts',
      test: 'between look and claim a key of another mode is armed: nothing is sent',
    },
  },
  {
    name: 'a claim is made though another run was met since it was looked at',
    file: 'src/infra/tables/control/binding.ts',
    from: '\n      and o.run_since is not distinct from ${runSince?.toString() ?? null}::timestamptz',
    to: '',
    killedBy: {
      file: 'test/flows/arming.test.ts',
      test: 'between look and claim another run is met: nothing is sent',
    },
  },
  {
    name: 'a charge is tried while its customer is on the page to pay it',
    file: 'src/infra/tables/charges/due.ts',
    from: ' or ${isOpenSession})))`;',
    to: ')))`;',
    killedBy: {
      file: 'test/flows/pay-button.test.ts',
      test: 'rests the scheduled tries while the session is open, and not while the link merely lives',
    },
  },
  {
    name: 'a charge is given up while its customer is on the page to pay it',
    file: 'src/infra/tables/charges/charges.ts',
    from: 'and not ${isBeingPaid({ groups: db.groups, buckets })} order by',
    to: 'order by',
    killedBy: { file: 'test/flows/pay-button.test.ts', test: 'gives no charge up while its customer is paying it' },
  },
  {
    name: 'a page to pay is opened beside one of which nobody knows whether it was opened',
    file: 'src/flows/paying/clear-way.ts',
    from: 'attempts.find(({ outcome }) => !isFinal(outcome))',
    to: "attempts.find(({ outcome }) => outcome === 'pending')",
    killedBy: {
      file: 'test/flows/unanswered-session.test.ts',
      test: 'is never doubled: nothing else is tried until its end, and then what Xendit lists is read',
    },
  },
  {
    name: 'what a customer may still authenticate is left open beside a page to pay',
    file: 'src/flows/paying/clear-way.ts',
    from: 'return failureCode === OPEN_ACTION && actionClosedAt === null;',
    to: 'return failureCode === null && actionClosedAt === null;',
    killedBy: {
      file: 'test/flows/pay-button.test.ts',
      test: 'a charge whose earlier attempt its customer may still authenticate is closed there first',
    },
  },
  {
    name: 'a second payment in one session is taken for the first',
    file: 'src/flows/inbox/follow-payment.ts',
    from: 'if (isKnown && (notice.paymentId === null || notice.paymentId === attempt.paymentId))',
    to: 'if (isKnown)',
    killedBy: {
      file: 'test/flows/paid-session.test.ts',
      test: 'twice, in two tabs, proposes a refund of the second, once',
    },
  },
  {
    name: 'the page to pay of a charge that is void stays open',
    file: 'src/flows/paying/check-pay-sessions.ts',
    from: '  await closeOutdated(ctx);\n  await checkSessions',
    to: '  await checkSessions',
    killedBy: {
      file: 'test/flows/paid-session.test.ts',
      test: 'after its charge was voided proposes a refund, and the session is closed at Xendit at once',
    },
  },
  {
    name: 'a customer is led to the page of a charge that was voided while Xendit opened it',
    file: 'src/flows/paying/offer-session.ts',
    from: '(await overMeanwhile(ctx, attempt, session)) ?? ',
    to: '',
    killedBy: {
      file: 'test/flows/pay-button.test.ts',
      test: 'leads nobody to a session whose charge is voided while Xendit opens it, and closes the session',
    },
  },
  {
    name: 'a link leads wherever its name says, whoever signed it',
    file: 'src/infra/vault/pay-token.ts',
    from: 'if (!timingSafeEqual(signature, signed(key, name))) return null;',
    to: '',
    killedBy: {
      file: 'test/flows/pay-link.test.ts',
      test: 'that was changed in any letter leads nowhere, nor does one of another charge',
    },
  },
  {
    name: 'a payment by hand whose row was lost is not looked for',
    file: 'src/flows/rescue/ask-about-lost.ts',
    from: 'const offers = await lostOffers(ctx, dossier, lostUntil, now);',
    to: "const offers = { kind: 'none' } as Awaited<ReturnType<typeof lostOffers>>;",
    killedBy: {
      file: 'test/flows/lost-rows.test.ts',
      test: 'is found before its charge is tried again, after a failover',
    },
  },
  {
    name: 'an upgrade that was declined is dunned like a cycle',
    file: 'src/domain/dunning/for-a-change.ts',
    from: "  if (spends === 'ladder' || spends === 'hand' || why.rule === NEXT_METHOD) return false;\n",
    to: "  if (spends === 'hand' && why.rule === NEXT_METHOD) return false;\n",
    killedBy: {
      file: 'test/flows/pay-first-over-method.test.ts',
      test: 'lapses: plan, amount, dates and access are what they were, and nobody is dunned',
    },
  },
  {
    name: 'what is paid for a change whose period is over is kept',
    file: 'src/flows/change/changing/paid-change.ts',
    from: "  if (!isForItsPeriod(change, dossier, now)) return { over: 'the period is over whose days it pays for' };\n",
    to: '  void isForItsPeriod;\n',
    killedBy: {
      file: 'test/flows/pay-first-on-page.test.ts',
      test: 'that is paid on a page which outlasts its period is given back too',
    },
  },
  {
    name: 'a method that was saved for cycles pays for an upgrade',
    file: 'src/flows/methods/outside-the-plan.ts',
    from: "  if (token.savedFor !== 'MERCHANT_UNSCHEDULED')\n",
    to: '  if (token.savedFor === null)\n',
    killedBy: {
      file: 'test/flows/pay-first-over-method.test.ts',
      test: 'is refused without a method that was saved for it, and without consent, with the way out',
    },
  },
  {
    name: 'a repricing writes down who is moved before they are',
    file: 'src/flows/edits/repricing/work-repricings.ts',
    from: "  const leaving = judged.filter(({ verdict }) => verdict.state !== 'done');\n",
    to: '  const leaving = judged;\n',
    killedBy: {
      file: 'test/flows/repricing-stages.test.ts',
      test: 'at between-repricing leaves each done or not done, and another process moves each once',
    },
  },
  {
    name: "a repricing takes a person's own price",
    file: 'src/domain/subscriptions/repricing/repricing.ts',
    from: "      return { state: 'skipped', why: 'its price is its own' };\n",
    to: "      return done('it has the price of everybody now');\n",
    killedBy: {
      file: 'test/flows/repricing.test.ts',
      test: "autumn#3192: a person's own price survives, and the why says so",
    },
  },
  {
    name: 'a repricing waits for no notice',
    file: 'src/domain/subscriptions/repricing/repricing.ts',
    from: "  return { ...rules, price, interval, country, priceChange: 'next_cycle' };\n",
    to: "  return { ...rules, noticeDays: null, price, interval, country, priceChange: 'next_cycle' };\n",
    killedBy: {
      file: 'test/flows/repricing.test.ts',
      test: 'waits until it is recorded, and until its days are over: one second earlier the old price',
    },
  },
  {
    name: 'a repricing goes along to another plan, and back',
    file: 'src/flows/change/terms-in-force.ts',
    from: '  return repricing?.plan === plan ? repricing : null;\n',
    to: "  return plan === '' ? null : repricing;\n",
    killedBy: {
      file: 'test/flows/repricing.test.ts',
      test: 'whoever comes to another plan now pays what that costs, and comes back at the price of that day',
    },
  },
  {
    name: 'a repricing that is stopped goes on with the next batch',
    file: 'src/flows/edits/repricing/work-repricings.ts',
    from: "    if ((await repricingOf(given.db, number))?.state !== 'running') return;\n",
    to: '    if ((await repricingOf(given.db, number)) === null) return;\n',
    killedBy: {
      file: 'test/flows/repricing-stages.test.ts',
      test: 'amid its work finishes the batch that is being written, and moves nobody else',
    },
  },
  {
    name: 'an import creates those whose tokens are good, though others are not',
    file: 'src/flows/imports/import-file.ts',
    from: "  if (left.length > 0) return { kind: 'refused', id: digest, rows, left };\n",
    to: "  if (left.length === rows) return { kind: 'refused', id: digest, rows, left };\n",
    killedBy: {
      file: 'test/flows/import-file.test.ts',
      test: 'dead: the line says so, and nobody of the file is created',
    },
  },
  {
    name: 'a switch takes over a renewal that the other biller collects',
    file: 'src/domain/imports/switching.ts',
    from: 'Temporal.Instant.compare(nextCycleAt, now.add({ hours: HOURS_BEFORE })) < 0',
    to: 'Temporal.Instant.compare(nextCycleAt, now.subtract({ hours: HOURS_BEFORE })) < 0',
    killedBy: {
      file: 'test/flows/import-switch.test.ts',
      test: 'leaves out what renews within 24 hours, and says so; a limit counts those that were switched',
    },
  },
  {
    name: "a plan's new interval moves the day on which a planned change begins",
    file: 'src/flows/due-date/terms/followed-terms.ts',
    from: '    if (until !== null && !isSameInterval(agreed, now)) continue;\n',
    to: '    if (until !== null && isSameInterval(agreed, now) && until < 0) continue;\n',
    killedBy: {
      file: 'test/flows/price-change.test.ts',
      test: 'an interval comes with a change that is planned for more of the same plan',
    },
  },
  {
    name: "a line of a file is created with what Xendit said of another line's token",
    file: 'src/flows/imports/create-imported.ts',
    from: "      isSameLine(ctx, row, line) ? 'same' : 'other',\n",
    to: "      line.line === row.line || isSameLine(ctx, row, line) ? 'same' : 'other',\n",
    killedBy: {
      file: 'test/flows/import-file.test.ts',
      test: 'leaves out a line that is another one than Xendit was asked about: nobody is charged by the method of another',
    },
  },
  {
    name: 'a customer who stands in two files is switched twice',
    file: 'src/flows/imports/switch-imported.ts',
    from: '  return names.find((name) => imports.get(name) !== importId) ?? null;\n',
    to: '  return names.find((name) => !imports.has(name) && importId !== name) ?? null;\n',
    killedBy: {
      file: 'test/flows/import-switch.test.ts',
      test: 'leaves out whose customer stands in another file too, which was imported while this one waited to go on',
    },
  },
];
