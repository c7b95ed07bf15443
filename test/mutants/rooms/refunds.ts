import type { Mutant } from '../mutant.ts';

const ASKED = 'test/flows/refunds.test.ts';
const LOST = 'test/flows/lost-refunds.test.ts';
const FOUND = 'test/flows/found-refunds.test.ts';

/** Of money that goes back. */
export const ofRefunds: readonly Mutant[] = [
  {
    name: 'a refund of which nobody heard is taken for one that may be tried again',
    file: 'src/flows/refunds/send-refunds.ts',
    from: "if (answer.kind === 'silent') return await lose(ctx, refund, `Xendit did not answer: ${answer.detail}`, now);",
    to: "if (answer.kind === 'silent') return await postpone(ctx, refund, 'SILENT', { then: 'later', why: answer.detail }, now);",
    killedBy: { file: LOST, test: 'is found under its reference where Xendit has it, and never sent again' },
  },
  {
    name: 'a refund is asked for before it is written down as sent',
    file: 'src/flows/refunds/send-refunds.ts',
    from: '    const claimed = await claim(ctx, refund, permit);\n    if (claimed !== null) await ask(ctx, claimed);',
    to: '    await ask(ctx, refund);\n    await claim(ctx, refund, permit);',
    killedBy: { file: LOST, test: 'after-refund-answer: Xendit is asked for it once, and it ends' },
  },
  {
    name: 'a refund is sent again after rows were lost, without asking Xendit',
    file: 'src/flows/refunds/send-refunds.ts',
    from: '    if (await mayBeThere(ctx, refund, permit)) return;\n',
    to: '',
    killedBy: { file: LOST, test: 'Xendit is asked first, and one that it has is not sent again' },
  },
  {
    name: 'a refund that is told of again is given back again',
    file: 'src/flows/refunds/settle-refund.ts',
    from: "return refund.state === 'succeeded' ? null : await gone(",
    to: 'return await gone(',
    killedBy: { file: ASKED, test: 'is told of twenty times at once, and counted once' },
  },
  {
    name: 'a refund that failed after it had succeeded stays given back',
    file: 'src/flows/refunds/settle-refund.ts',
    from: 'charges: [givenBack(dossier.charge, -refund.amount)]',
    to: 'charges: []',
    killedBy: {
      file: ASKED,
      test: 'that fails after it had succeeded is in the charge again, and a success after that is out of it once more',
    },
  },
  {
    name: 'what a webhook says of a refund is believed',
    file: 'src/flows/refunds/follow-refund.ts',
    from: '  const said = answer.value;\n',
    to: "  const said = { ...answer.value, status: 'succeeded' as const };\n",
    killedBy: {
      file: ASKED,
      test: 'that Xendit has and calls pending is not taken for money that left, whatever a webhook says',
    },
  },
  {
    name: 'a second refund of a payment is asked for while one is under way',
    file: 'src/domain/refunds/chosen-payment.ts',
    from: '!ofPayment(refunds, one).some(({ state }) => isOpenRefund(state))',
    to: 'true',
    killedBy: {
      file: ASKED,
      test: 'a hundred who ask at once get one refund of the payment, and the others are told why',
    },
  },
  {
    name: 'more is given back of a payment than is left of it',
    file: 'src/domain/refunds/chosen-payment.ts',
    from: "(state === 'succeeded' ? sum + amount : sum)",
    to: "(state === 'withdrawn' ? sum + amount : sum)",
    killedBy: { file: ASKED, test: 'a second part is the rest at most, and after it nothing is left' },
  },
  {
    name: 'whoever asks for a large refund may approve it',
    file: 'src/flows/refunds/decide-refund.ts',
    from: 'return refund.askedBy === actor',
    to: "return refund.askedBy === ''",
    killedBy: {
      file: ASKED,
      test: 'more than the catalog lets one person give back waits for a second, who is not the one who asked',
    },
  },
  {
    name: 'several small refunds pass the sum that needs a second person',
    file: 'src/flows/refunds/ask-refund.ts',
    from: 'isLarge(ctx, charge, spoken + amount)',
    to: 'isLarge(ctx, charge, amount)',
    killedBy: { file: ASKED, test: 'several small refunds of one charge are no way around it' },
  },
  {
    name: 'what was given back in the dashboard is taken off twice',
    file: 'src/flows/refunds/record-refund.ts',
    from: "if (known !== undefined) return { kind: 'followed', said, isNew: false };",
    to: '',
    killedBy: { file: FOUND, test: 'is in the books once its webhook came, however often it comes' },
  },
  {
    name: 'a refund of the dashboard that gives back more than came in is believed',
    file: 'src/flows/refunds/record-refund.ts',
    from: 'amount.minor > 0n && amount.minor <= left',
    to: 'amount.minor > 0n && left >= 0n',
    killedBy: {
      file: FOUND,
      test: 'of more than came in moves nothing, and is told to a person with its charge, once',
    },
  },
  {
    name: 'the comparison of the books reads no refunds',
    file: 'src/flows/books/compare-books.ts',
    from: ' ??\n      (await matchRefunds(ctx, part, comparison))',
    to: '',
    killedBy: { file: FOUND, test: 'is seen by the comparison of the books where its webhook was lost' },
  },
  {
    name: 'a refund whose row was lost leaves its name to another',
    file: 'src/flows/refunds/record-refund.ts',
    from: 'number: isOurs && lost.number > last ? lost.number : null',
    to: 'number: null',
    killedBy: { file: FOUND, test: 'whose row was lost is written down again, and no later one has its name' },
  },
  {
    name: 'a refund is changed that was looked at since it was seen',
    file: 'src/infra/tables/change/changes.ts',
    from: '...refundsSeen(changes)]',
    to: '...refundsSeen([])]',
    killedBy: { file: LOST, test: 'another daemon sends it: it is sent once' },
  },
  {
    name: 'a refund that was approved anew is not asked about after rows were lost',
    file: 'src/flows/refunds/send-refunds.ts',
    from: 'Temporal.Instant.compare(refund.askedAt, since) > 0',
    to: 'Temporal.Instant.compare(refund.approvedAt ?? refund.askedAt, since) > 0',
    killedBy: {
      file: LOST,
      test: 'one that is approved anew is asked about as well: what was sent before may be lost with its rows',
    },
  },
];
