import type { Mutant } from '../mutant.ts';

/** Of finding out what became of an attempt: rescue, webhooks, payments by hand. */
export const ofOutcomes: readonly Mutant[] = [
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
    name: 'a request of a method that ended as that of another subscription is repeated',
    file: 'src/flows/rescue/repeat-request.ts',
    from: '  if (past.ended !== null) return false;\n',
    to: '',
    killedBy: { file: 'test/flows/after-settlement.test.ts', test: 'nor is its request repeated' },
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
      file: 'test/flows/lost-rows-in-doubt.test.ts',
      test: 'charges of which nothing is known cost five where the list is longer than the charges are many',
    },
  },
  {
    name: 'absence is believed at once after an arming',
    file: 'src/flows/rescue/ask-about-lost.ts',
    from: 'if (Temporal.Instant.compare(now, believed) < 0)',
    to: 'if (now === null)',
    killedBy: {
      file: 'test/flows/lost-rows-in-doubt.test.ts',
      test: 'absence is believed after five minutes only: until then the attempt may be on its way',
    },
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
    file: 'src/domain/charges/action.ts',
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
    name: 'each replica asks about every charge that may have been tried before',
    file: 'src/flows/rescue/ask-about-lost.ts',
    from: '() => isStillToAsk(ctx.db, dossier.charge)',
    to: 'async () => true',
    killedBy: {
      file: 'test/flows/lost-rows-in-doubt.test.ts',
      test: 'three replicas that ask at the same time share the charges and the pace',
    },
  },
  {
    name: 'a payment by hand whose row was lost is not looked for',
    file: 'src/flows/rescue/ask-about-lost.ts',
    from: 'const offers = await lostOffers(ctx, dossier, lostUntil, now);',
    to: "const offers = { kind: 'none' } as Awaited<ReturnType<typeof lostOffers>>;",
    killedBy: {
      file: 'test/flows/lost-payments-by-hand.test.ts',
      test: 'is found before its charge is tried again, after a failover',
    },
  },
];
