import type { Mutant } from '../mutant.ts';

/** Of the flows around: access, changes, imports, methods, repricing. */
export const ofOtherFlows: readonly Mutant[] = [
  {
    name: 'a first charge that was paid without saving a method begins nothing',
    file: 'src/flows/paying/follow-pay-session.ts',
    from: '  await beginUnsaved(ctx, row, now);\n  await closeOnboarding(ctx.db, row, end, now);',
    to: '  await closeOnboarding(ctx.db, row, end, now);',
    killedBy: { file: 'test/flows/first-charge.test.ts', test: 'begins what was paid for' },
  },
  {
    name: 'a first charge that is paid in a session which Xendit calls expired begins nothing',
    file: 'src/flows/paying/follow-pay-session.ts',
    from: '      await beginUnsaved(ctx, row, now);\n      await closeOnboarding(ctx.db, row, { as: session.status',
    to: '      await closeOnboarding(ctx.db, row, { as: session.status',
    killedBy: { file: 'test/flows/first-charge.test.ts', test: 'begins too where Xendit calls the session' },
  },
  {
    name: 'a first charge whose session nobody heard of is paid, and begins nothing',
    file: 'src/flows/charges/session-settlement.ts',
    from: "row === null && dossier.subscription.status === 'pending'",
    to: "row === null && dossier.subscription.status === 'paused'",
    killedBy: { file: 'test/flows/first-charge.test.ts', test: 'begins where the answer about its session was lost' },
  },
  {
    name: 'cycles are counted from the day on which the link was opened, whenever it is paid',
    file: 'src/flows/charges/of-cycle-zero/begun-on-day.ts',
    from: 'localDate(paidAt ?? now,',
    to: 'localDate(subscription.createdAt,',
    killedBy: { file: 'test/flows/first-charge.test.ts', test: 'begins on the day on which it is paid' },
  },
  {
    name: 'another session for a first charge is opened beside the one that is open',
    file: 'src/flows/paying/clear-way.ts',
    from: 'return offer.isNew !== true &&',
    to: 'return',
    killedBy: { file: 'test/flows/first-charge.test.ts', test: 'a second link closes the first' },
  },
  {
    name: 'what is kept of a session names the customer as Xendit heard of them',
    file: 'src/flows/subscriptions/creating/open-first.ts',
    from: "const request = await body(number, { id: session.customerId ?? customer.xenditId ?? '' });",
    to: 'const request = await body(number, input.customer);',
    killedBy: { file: 'test/flows/first-charge.test.ts', test: 'keeps no name of its customer' },
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
      file: 'test/flows/import-file-again.test.ts',
      test: 'dead: the line says so, and nobody of the file is created',
    },
  },
  {
    name: "a line of a file is created with what Xendit said of another line's token",
    file: 'src/flows/imports/create-imported.ts',
    from: "      isSameLine(ctx, row, line) ? 'same' : 'other',\n",
    to: "      line.line === row.line || isSameLine(ctx, row, line) ? 'same' : 'other',\n",
    killedBy: {
      file: 'test/flows/import-file-refused.test.ts',
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
  {
    name: 'money from outside pays a charge while its attempt is on its way',
    file: 'src/flows/paying/pay-outside.ts',
    from: "  if (open.some(({ status }) => status === 'attempting')) return refused(ON_ITS_WAY);\n",
    to: '',
    killedBy: { file: 'test/flows/outside-payments.test.ts', test: 'while an attempt is on its way is refused' },
  },
  {
    name: 'the same evidence counts as often as it is written down',
    file: 'src/flows/paying/pay-outside.ts',
    from: '      if (known !== null) return',
    to: '      if (known?.id === id) return',
    killedBy: { file: 'test/flows/outside-payments.test.ts', test: 'with the same evidence counts once' },
  },
  {
    name: 'money that covers a part of a charge is lost',
    file: 'src/domain/charges/outside-payment.ts',
    from: 'return { paid, credited: left - credit };',
    to: 'return { paid, credited: paid.length === 0 ? 0n : left - credit };',
    killedBy: { file: 'test/flows/outside-payments.test.ts', test: 'parts add up until they cover the charge' },
  },
];
