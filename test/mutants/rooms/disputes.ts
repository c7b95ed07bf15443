import type { Mutant } from '../mutant.ts';

const DISPUTES = 'test/flows/disputes.test.ts';
const LATE = 'test/flows/disputes-late.test.ts';

/** Of payments that customers dispute. */
export const ofDisputes: readonly Mutant[] = [
  {
    name: 'a refund is sent though the bank has its money',
    file: 'src/flows/refunds/send-refunds.ts',
    from: '!(await isLeftFor(ctx, dossier.charge, refund))',
    to: 'refund.amount < 0n',
    killedBy: { file: LATE, test: 'that waits while a dispute of CARDS is lost is not sent: the bank has the money' },
  },
  {
    name: 'a payment that its bank has is given back out of another one',
    file: 'src/domain/refunds/chosen-payment.ts',
    from: 'payment.amount - payment.taken - given',
    to: 'payment.amount - given',
    killedBy: { file: LATE, test: 'asked for after a dispute is lost is not given out of another payment' },
  },
  {
    name: 'a dispute that was won when it was first heard of stops nobody later',
    file: 'src/flows/disputes/write-dispute.ts',
    from: "(known?.decidedAt ?? null) === null && after.state !== 'won'",
    to: "known === null && after.state !== 'won'",
    killedBy: {
      file: LATE,
      test: 'is charged no more when a dispute is taken up again that was won when it was first heard of',
    },
  },
  {
    name: 'a method that is disputed is charged for a new subscription',
    file: 'src/flows/subscriptions/creating/use-method.ts',
    from: "plan.onDispute === 'go_on' ? null : await stoppedOver(ctx, tokenId)",
    to: 'null as string | null',
    killedBy: { file: LATE, test: 'is charged over that method by no new subscription before a person decides' },
  },
  {
    name: 'what a webhook says of a dispute is believed though Xendit has no such one',
    file: 'src/flows/disputes/follow-dispute.ts',
    from: "  if (listed.kind === 'ok') return { kind: 'unknown' };\n",
    to: '',
    killedBy: { file: DISPUTES, test: 'says nothing that Xendit does not: a forged one is asked about, and left' },
  },
  {
    name: 'a dispute that comes late takes back what is known',
    file: 'src/flows/disputes/write-dispute.ts',
    from: "if (known !== null && isOlder(said, known)) return { kind: 'followed', isNew: false };",
    to: '',
    killedBy: { file: DISPUTES, test: 'that is older than what is known changes nothing' },
  },
  {
    name: 'a bank takes more than the books have left',
    file: 'src/flows/disputes/write-dispute.ts',
    from: 'const held = wanted < room ? wanted : room;',
    to: 'const held = wanted;',
    killedBy: {
      file: DISPUTES,
      test: 'that is on its way when the bank takes the payment is spoken for: a person is told of what lacks',
    },
  },
  {
    name: 'a charge of a subscription that a dispute has stopped is attempted',
    file: 'src/flows/charges/admit-charges.ts',
    from: '  if (subscription.stoppedBy !== null) {',
    to: '  if (subscription.stoppedBy === undefined) {',
    killedBy: { file: DISPUTES, test: 'is charged no more until a person decides, whatever becomes of the dispute' },
  },
  {
    name: 'a dispute stops nothing',
    file: 'src/flows/disputes/stop-charging.ts',
    from: 'return (await catalog.version(catalogVersion)).plans.get(plan)?.onDispute !== ',
    to: 'return (await catalog.version(catalogVersion)).plans.get(plan)?.onDispute === ',
    killedBy: { file: DISPUTES, test: 'goes on being charged where the plan says so, and is still told of' },
  },
  {
    name: 'a refund is given while a payment of its charge is disputed',
    file: 'src/flows/refunds/ask-refund.ts',
    from: '  if (disputed) return { refused: DISPUTED };\n',
    to: '',
    killedBy: {
      file: DISPUTES,
      test: 'is not given while a payment of the charge is disputed, and is once the dispute is won',
    },
  },
  {
    name: 'a refund that was approved leaves while a dispute is open',
    file: 'src/flows/refunds/send-refunds.ts',
    from: 'if (await isDisputed(ctx.db, bucket, refund.chargeId)) {',
    to: 'if (refund.chargeId === bucket.toString()) {',
    killedBy: { file: DISPUTES, test: 'that was approved waits while a dispute is open, and leaves when it is won' },
  },
  {
    name: 'other subscriptions of a method whose payment is disputed go on',
    file: 'src/flows/disputes/stop-charging.ts',
    from: '  for (const id of ids) await stopOne(ctx, id, disputeId);\n',
    to: '',
    killedBy: { file: DISPUTES, test: 'is charged no more for another subscription over the same method either' },
  },
];
