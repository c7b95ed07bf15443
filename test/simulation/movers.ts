import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../../src/context.ts';
import { importFile } from '../../src/flows/imports/import-file.ts';
import { type SwitchedRow, switchImported } from '../../src/flows/imports/switch-imported.ts';
import { NoAnswer } from '../../src/flows/imports/token-look.ts';
import { resumeSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { sql } from '../../src/infra/database/sql.ts';
import { between, type Chance, drawn, oneOf, spread } from '../support/chance.ts';
import { csv, line } from '../support/subscriber-file.ts';
import type { Timeline } from './timeline.ts';
import type { Channel, Xendit } from './xendit.ts';

/** Subscribers of another biller, whom an admin takes over: from a file first, and then by the switch, a few at a time. */
export type Movers = {
  /** The admin begins some time before `until`. */
  plan(until: number): void;
  /** An import has just come a step further. */
  stepped(): void;
  /** The admin goes on with it now, once the file was taken. */
  act(): Promise<void>;
  /** By the digest of its file and its line: what the admin wrote there. */
  readonly written: ReadonlyMap<string, WrittenLine>;
};

/** `at`: when its next cycle falls due, by the calendar alone; in milliseconds since 1970. */
export type WrittenLine = {
  readonly reference: string;
  readonly cycle: number;
  readonly date: Temporal.PlainDate;
  readonly days: number;
  readonly zone: string;
  readonly at: number;
};

type Given = {
  readonly time: Timeline;
  readonly random: Chance;
  readonly xendit: Xendit;
  /** Where files are written. */
  readonly directory: string;
  readonly channels: readonly (readonly [number, Channel])[];
  ask<T>(what: string, flow: (ctx: Context) => Promise<T>): Promise<T | null>;
  pause(milliseconds: number): Promise<void>;
  /** A subscription is there, and lives like any other. */
  joined(id: string): void;
  failed(fault: string): void;
  /** Nobody acts any more. */
  isOver(): boolean;
};

type Mover = {
  readonly number: number;
  readonly plan: string;
  readonly days: number;
  readonly zone: string;
  readonly cycle: number;
  readonly person: number;
  readonly customerId: string;
  readonly tokenId: string;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const actor = 'cli:siti';
const nothing = () => undefined;
const plans: readonly (readonly [number, readonly [plan: string, days: number]])[] = [
  [1, ['daily', 1]],
  [5, ['two-days', 2]],
  [4, ['three-days', 3]],
  [2, ['weekly', 7]],
];

export function moversOf(given: Given): Movers {
  const { time, random, xendit, ask, pause, isOver } = given;
  const written = new Map<string, WrittenLine>();
  const known = new Map<string, string>();
  let movers: readonly Mover[] = [];
  let path: string | null = null;
  /** The file that is being taken. */
  let under: string | null = null;
  let files = 0;

  /** Some of them have two subscriptions, and one method for both. */
  function arrive(): readonly Mover[] {
    const all: Mover[] = [];
    for (let number = 0; number < between(random, 4, 9); number += 1) {
      const before = all.at(-1);
      const [plan, days] = drawn(random, plans);
      const cycle = between(random, 0, 40);
      const zone = oneOf(random, ['Asia/Jakarta', 'Asia/Jakarta', 'Asia/Singapore', 'Europe/London']);
      const isSecond =
        before !== undefined && before.person === before.number && before.plan !== plan && random() < 0.3;
      const person = isSecond ? before.person : number;
      const { customerId, tokenId } = isSecond ? before : newMethod();
      all.push({ number, plan, days, zone, cycle, person, customerId, tokenId });
    }
    return all;
  }

  function newMethod() {
    const [customerId, tokenId] = [xendit.newId('cust'), xendit.newId('pt')];
    const channel = drawn(random, given.channels);
    const network = channel === 'CARDS' ? oneOf(random, ['VISA', 'MASTERCARD']) : null;
    const of = { country: 'ID', currency: 'IDR', status: 'ACTIVE', endToldAt: null } as const;
    xendit.methods.set(tokenId, { tokenId, customerId, channel, network, ...of });
    return { customerId, tokenId };
  }

  /** A file as the other biller exports it today; `names`: what its subscriptions are called. */
  function exported(names: 'old' | 'again'): string {
    const dated = movers.map((mover) => {
      const today = time.instant().toZonedDateTimeISO(mover.zone).toPlainDate();
      return { mover, date: today.add({ days: between(random, 1, mover.days) }) };
    });
    const text = csv(
      ...dated.map(({ mover, date }) =>
        line(mover.number, {
          reference: `${names}-${mover.number}`,
          plan: mover.plan,
          customer: `mover-${mover.person}`,
          customerId: mover.customerId,
          token: mover.tokenId,
          date: date.toString(),
          cycle: String(mover.cycle),
          zone: mover.zone,
        }),
      ),
    );
    const digest = createHash('sha256').update(text).digest('hex');
    for (const [index, { mover, date }] of dated.entries()) {
      const { number, cycle, days, zone } = mover;
      const at = date.toZonedDateTime({ timeZone: zone, plainTime: '09:00' }).epochMilliseconds;
      written.set(`${digest} ${index + 2}`, { reference: `${names}-${number}`, cycle, date, days, zone, at });
    }
    files += 1;
    const file = join(given.directory, `subscribers-${files}.csv`);
    writeFileSync(file, text);
    return file;
  }

  /** As a command does it: who gets no answer, from us or from Xendit, runs it once more. */
  async function taken(file: string): Promise<string> {
    const answer = await ask('import a file', async (ctx) => {
      try {
        return await importFile(ctx, { path: file, actor, dryRun: random() < 0.1 }, nothing);
      } catch (error) {
        if (error instanceof NoAnswer) return { kind: 'later' } as const;
        throw error;
      }
    });
    return answer?.kind ?? 'later';
  }

  async function take(): Promise<void> {
    while (!isOver()) {
      const file = path ?? exported('old');
      under = file;
      const kind = await taken(file);
      // It may be half done: only with this file can it go on.
      if (kind === 'under_way' || kind === 'later') path = file;
      if (kind === 'created' || kind === 'nothing_to_do') {
        [path, under] = [file, null];
        return await meet();
      }
      if (kind === 'faults' || kind === 'refused') path = null;
      await pause(spread(random, MINUTE, 6 * HOUR));
    }
  }

  /** From now on they act like everybody else, though some are billed elsewhere still. */
  async function meet(): Promise<void> {
    const rows = await ask('who moved', async ({ db }) => {
      const names = sql`${movers.map(({ number }) => `old-${number}`)}::text[]`;
      return await db.run<{ id: string; reference_id: string }>(
        sql`select id, reference_id from subscriptions where reference_id = any(${names}) order by reference_id`,
      );
    });
    for (const { id, reference_id: reference } of rows ?? []) {
      if (known.get(reference) === id) continue;
      known.set(reference, id);
      given.joined(id);
    }
  }

  async function switchSome(): Promise<void> {
    const limit = drawn(random, [
      [5, 1],
      [2, between(random, 2, 3)],
      [1, null],
    ]);
    const rows = await ask(`switch ${limit ?? 'all'} of the imported`, async (ctx) => {
      try {
        return await switchImported(ctx, { limit, actor }, nothing);
      } catch (error) {
        if (error instanceof NoAnswer) return [];
        throw error;
      }
    });
    const switched = rows?.filter(({ became }) => became === 'switch').length ?? 0;
    if (limit !== null && switched > limit) given.failed(`${switched} were switched, and ${limit} were wanted`);
    for (const row of rows ?? []) if (hasPassed(row) && random() < 0.4) void goOn(row.reference);
  }

  /** The admin found out that the other biller collected it: it goes on here with the one after. */
  async function goOn(reference: string): Promise<void> {
    const id = known.get(reference);
    await pause(spread(random, MINUTE, 12 * HOUR));
    if (id !== undefined && !isOver()) await ask(`resume ${id}`, (ctx) => resumeSubscription(ctx, id, { actor }));
  }

  async function act(): Promise<void> {
    if (path === null || isOver()) return;
    const again = path;
    await drawn<() => Promise<unknown>>(random, [
      [8, switchSome],
      [1, () => taken(again).then(meet)],
      [1, () => taken(exported('again'))],
    ])();
  }

  async function begin(): Promise<void> {
    movers = arrive();
    await take();
    while (!isOver()) {
      await act();
      await pause(between(random, MINUTE, 12 * HOUR));
    }
  }

  return {
    plan(until) {
      time.at(time.now() + (until - time.now()) * (0.05 + random() * 0.3), () => void begin());
    },
    stepped() {
      const file = under;
      // Somebody is impatient, and runs it in other windows too.
      const windows = file === null || random() < 0.5 ? 0 : between(random, 1, 3);
      for (let n = 0; n < windows; n += 1) time.at(time.now() + between(random, 0, 8), () => void taken(file ?? ''));
    },
    act,
    written,
  };
}

function hasPassed({ became, why }: SwitchedRow): boolean {
  return became === 'wait' && why?.includes('has passed while it waited') === true;
}
