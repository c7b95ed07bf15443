import type { Mutant } from '../mutant.ts';

/** Of the edges: scheduler, connections, Xendit, sealed values. */
export const ofEdges: readonly Mutant[] = [
  {
    name: 'the number of a card is taken like any other text',
    file: 'src/entry/http/guard/card-data.ts',
    from: 'holdsCardNumber(String(body)) ?',
    to: 'body === null ?',
    killedBy: { file: 'test/entry/card-data.test.ts', test: 'a number among words' },
  },
  {
    name: 'an answer is kept for its Idempotency-Key with what opens a session',
    file: 'src/entry/http/idempotency.ts',
    from: 'withoutKey(payload) :',
    to: 'payload :',
    killedBy: { file: 'test/entry/saving-modes.test.ts', test: 'is the same without the key' },
  },
  {
    name: 'a connection that broke before the answer means that nothing was sent',
    file: 'src/xendit/transport.ts',
    from: "kind: connected ? 'silent' : 'not_sent'",
    to: "kind: 'not_sent'",
    killedBy: { file: 'test/infra/xendit-faults.test.ts', test: 'reset' },
  },
  {
    name: 'a 404 of the list of transactions says that Xendit knows no such attempt',
    file: 'src/infra/gateway/xendit/books/transactions.ts',
    from: 'unanswering(seen.failure)',
    to: "({ kind: 'absent' } as const)",
    killedBy: { file: 'test/infra/xendit-look-up-by-reference.test.ts', test: 'says nothing about the payment' },
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
    file: 'src/xendit/failure.ts',
    from: 'status === 404 && NOT_FOUND.has(code)',
    to: 'status === 404',
    killedBy: { file: 'test/infra/xendit-look-up.test.ts', test: 'a 404 that Xendit did not write says nothing of it' },
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
];
