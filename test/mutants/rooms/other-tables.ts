import type { Mutant } from '../mutant.ts';

/** Of the other statements. */
export const ofOtherTables: readonly Mutant[] = [
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
    name: 'a sweep is ended by whoever held it before',
    file: 'src/infra/tables/books/sweeps.ts',
    from: 'holder = null, lease_until = null\n    where account = ${account} and holder = ${holder}::uuid`',
    to: 'holder = null, lease_until = null\n    where account = ${account}`',
    killedBy: {
      file: 'test/flows/stale-looks.test.ts',
      test: 'is not ended by whoever held it before, who knows nothing of what its heir has compared',
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
    name: 'two sweeps at once',
    file: 'src/infra/tables/books/sweeps.ts',
    from: '\n      and (lease_until is null or lease_until < now())',
    to: '',
    killedBy: { file: 'test/flows/reconciliation-sweep.test.ts', test: 'is done by one of several replicas' },
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
    from: 'skipLocked ? sql` skip locked` : sql``',
    to: 'sql``',
    killedBy: {
      file: 'test/flows/held-rows.test.ts',
      test: 'three subscriptions: the nine others are collected, and none of them is claimed without being sent',
    },
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
];
