import type { Mutant } from '../mutant.ts';

/** Of what happens on a due date, and of what becomes of a charge. */
export const ofDueDate: readonly Mutant[] = [
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
    name: 'the end of what a customer was asked is no news',
    file: 'src/flows/due-date/news.ts',
    from: '  if (endsItsAction(dossier, answered)) return true;\n',
    to: '',
    killedBy: {
      file: 'test/flows/asked-customer.test.ts',
      test: 'goes on with its ladder as soon as Xendit tells that the request has expired',
    },
  },
  {
    name: 'a late failure takes a success back',
    file: 'src/flows/due-date/news.ts',
    from: '  if (!isFinal(known)) return true;\n',
    to: '  if (known !== outcome.kind) return true;\n',
    killedBy: {
      file: 'test/flows/late-answers.test.ts',
      test: 'after a success changes nothing, through whichever door it comes, and nobody is woken for it',
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
    name: 'a daemon that stood still is believed although its request was repeated meanwhile',
    file: 'src/flows/due-date/news.ts',
    from: '  if (isInDoubt(known) && isStaleRefusal(dossier, answered)) return false;\n',
    to: '',
    killedBy: {
      file: 'test/flows/repetitions.test.ts',
      test: 'and then says that nothing was sent, does not have the cycle charged again',
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
    name: 'an account-wide refusal stops nobody',
    file: 'src/flows/charging/stop-account.ts',
    from: "if (decision.kind !== 'release' || !decision.stops) return;",
    to: "if (decision.kind !== 'paid') return;",
    killedBy: {
      file: 'test/flows/refusals.test.ts',
      test: 'stops charging after the first answer: one request is sent, and nothing is burned',
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
    from: '  for (const { decision, dossier } of decided) await stopIfAtFault(ctx, dossier.charge.account, decision, now);\n',
    to: '',
    killedBy: {
      file: 'test/flows/refusals.test.ts',
      test: 'stops charging before its attempt is released: a daemon that dies in between leaves nothing to burn',
    },
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
    file: 'src/flows/due-date/actions/close-actions.ts',
    from: "    if ((await mayCharge(ofAccount(ctx, OWN_ACCOUNT))).kind === 'no') return freed;\n",
    to: '',
    killedBy: { file: 'test/flows/open-actions.test.ts', test: 'is left alone at Xendit while charging is stopped' },
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
    name: 'a decline stays in the count of its day',
    file: 'src/flows/due-date/settle-attempts.ts',
    from: '        ...correctionOf(ctx, dossier, keptAs(answered.outcome, decision)),\n',
    to: '',
    killedBy: { file: 'test/flows/after-settlement.test.ts', test: 'what was declined is not in the count of the day' },
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
    name: 'a charge that cannot be claimed is looked at for ever',
    file: 'src/flows/charges/holding/hold-broken.ts',
    from: 'if (claimFaults >= MOST_FAULTS)',
    to: 'if (claimFaults < 0)',
    killedBy: {
      file: 'test/flows/broken-charges.test.ts',
      test: 'a charge that cannot be claimed for a day is held with its reason, and the others go on',
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
];
