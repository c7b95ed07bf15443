import type { Mutant } from '../mutant.ts';

/** Of the statements that hold pace, limits, clock and arming. */
export const ofControlTables: readonly Mutant[] = [
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
    name: 'a claim that was decided on under the run before is written',
    file: 'src/infra/tables/control/binding.ts',
    from: ' and o.run = ${start}',
    to: '',
    killedBy: {
      file: 'test/flows/lost-rows-put-back.test.ts',
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
];
