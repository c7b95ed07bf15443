import type { Mutant } from '../mutant.ts';

/** Of the statements over charges and attempts. */
export const ofChargeTables: readonly Mutant[] = [
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
    name: 'what the customer may still authenticate stays open when the charge is tried again',
    file: 'src/infra/tables/charges/charges.ts',
    from: ' and not ${isToClose(where)}',
    to: '',
    killedBy: { file: 'test/flows/open-actions.test.ts', test: 'is closed at Xendit before another is made' },
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
    name: 'a wallet is tried without asking after Postgres was started anew',
    file: 'src/infra/tables/charges/due.ts',
    from: 'runSince === null ? []',
    to: 'runSince !== undefined ? []',
    killedBy: {
      file: 'test/flows/lost-rows-put-back.test.ts',
      test: 'a wallet is asked about before it is tried, and charged once',
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
    name: 'what a person stopped goes on after a restart',
    file: 'src/infra/tables/charging/charging.ts',
    from: ' and c.stopped_at is not null and c.stopped_by is null',
    to: ' and c.stopped_at is not null',
    killedBy: { file: 'test/entry/confirmation.test.ts', test: 'a restart does not lift it, arm does' },
  },
  {
    name: 'a probe of a stopped channel is not asked about where rows may have been lost',
    file: 'src/infra/tables/charging/breakers.ts',
    from: ' and not ${isToAsk(asked, where)} order by c.waits_until',
    to: ' order by c.waits_until',
    killedBy: {
      file: 'test/flows/lost-rows-put-back.test.ts',
      test: 'wallets that wait for a stopped channel are asked about before one of them finds out whether it works',
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
    name: 'a charge is given up once its customer was asked for a minute',
    file: 'src/infra/tables/charges/charges.ts',
    from: ' and not ${isForAction(db.groups, buckets)}',
    to: '',
    killedBy: {
      file: 'test/flows/asked-customer.test.ts',
      test: 'is not given up with the window of its provider, whichever job comes first',
    },
  },
  {
    name: 'a charge is given up while its customer is on the page to pay it',
    file: 'src/infra/tables/charges/charges.ts',
    from: 'and not ${isBeingPaid({ groups: db.groups, buckets })} and not',
    to: 'and not',
    killedBy: { file: 'test/flows/pay-button.test.ts', test: 'gives no charge up while its customer is paying it' },
  },
];
