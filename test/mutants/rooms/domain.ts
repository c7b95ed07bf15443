import type { Mutant } from '../mutant.ts';

/** Of the rules. */
export const ofRules: readonly Mutant[] = [
  {
    name: 'an unknown outcome is tried again as a new attempt',
    file: 'src/domain/dunning/doubt.ts',
    from: "return { kind: 'ask_gateway', at: since.add({ seconds: Math.min(nextLookUpAge(age), limit) }), why };",
    to: "return { kind: 'retry', at: since.add({ seconds: age < 0 ? nextLookUpAge(age) : age + 60 }), spends: 'nothing', why };",
    killedBy: { file: 'test/flows/unknown.test.ts', test: 'is not tried again, however often the daemon runs' },
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
    name: 'a resumed subscription owes nothing for the period that runs',
    file: 'src/domain/subscriptions/subscription-status.ts',
    from: "owed.inDunning > 0 || owed.newest === 'uncollectible'",
    to: 'owed.inDunning > 0',
    killedBy: { file: 'test/flows/status.test.ts', test: 'voided by a person leaves what was given up before it' },
  },
  {
    name: 'a time-out told as a failure is tried again at once',
    file: 'src/domain/dunning/doubt.ts',
    from: 'if (age >= timeOutLimit) return null;',
    to: 'if (age >= 0) return null;',
    killedBy: { file: 'test/flows/time-outs.test.ts', test: 'whose money is found half an hour later is one payment' },
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
    name: 'a switch takes over a renewal that the other biller collects',
    file: 'src/domain/imports/switching.ts',
    from: 'Temporal.Instant.compare(nextCycleAt, now.add({ hours: HOURS_BEFORE })) < 0',
    to: 'Temporal.Instant.compare(nextCycleAt, now.subtract({ hours: HOURS_BEFORE })) < 0',
    killedBy: {
      file: 'test/flows/import-switch.test.ts',
      test: 'leaves out what renews within 24 hours, and says so; a limit counts those that were switched',
    },
  },
];
