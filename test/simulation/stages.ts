import type { Context } from '../../src/context.ts';
import { withCatalogInForce } from '../../src/flows/catalog/follow-catalog.ts';
import { type Drafted, draftRepricing } from '../../src/flows/edits/repricing/draft-repricing.ts';
import { repricingStatus, resumeRepricing, stopRepricing } from '../../src/flows/edits/repricing/repricing-status.ts';
import { between, type Chance, drawn, spread } from '../support/chance.ts';
import { STAGED } from './editions.ts';
import type { Replica } from './replica.ts';
import type { Timeline } from './timeline.ts';

/** Customers are moved to a price in stages, by an admin who is careful and thinks better of it now and then. */
export type Stages = {
  /** The price is in force: from now on the admin moves customers to it. */
  begin(): Promise<void>;
  /** The admin does something about it now. */
  act(): Promise<void>;
  readonly stops: readonly Stop[];
};

/** When a repricing stood still, since it was answered that it does; in milliseconds since 1970. */
export type Stop = { readonly repricing: number; readonly from: number; until: number };

type Given = {
  readonly time: Timeline;
  readonly random: Chance;
  readonly replicas: readonly Replica[];
  readonly toVersion: number;
  ask<T>(what: string, flow: (ctx: Context) => Promise<T>): Promise<T | null>;
  pause(milliseconds: number): Promise<void>;
  /** Nobody acts any more. */
  isOver(): boolean;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const actor = 'cli:siti';
const OWED: ReadonlySet<string> = new Set(['owed notices']);

export function stagesOf({ time, random, replicas, toVersion, ask, pause, isOver }: Given): Stages {
  const stops: Stop[] = [];

  async function draft(): Promise<void> {
    const filter = drawn<readonly string[]>(random, [
      [4, []],
      [2, ['metadata.cohort=a']],
      [1, ['channel=CARDS']],
      [1, ['quantity=1', 'metadata.cohort=b']],
    ]);
    const most = drawn(random, [
      [2, null],
      [3, between(random, 1, 6)],
    ]);
    const input = { plan: STAGED, toVersion, filter, most, isDryRun: random() < 0.2, actor, reason: null };
    const what = `reprice ${STAGED}, ${filter.join(' ')}, at most ${most ?? 'all'}`;
    await ask(what, async (ctx): Promise<Drafted> => {
      // Where a failover took the edit, somebody applies it again first.
      const { catalog } = await withCatalogInForce(ctx);
      if (catalog.current.version !== toVersion) return { kind: 'refused', detail: 'the price is not in force' };
      return await draftRepricing(ctx, input);
    });
  }

  async function stop(): Promise<void> {
    const answer = await ask('stop the repricing', (ctx) => stopRepricing(ctx, null));
    if (answer?.kind === 'moved') stops.push({ repricing: answer.number, from: time.now(), until: Infinity });
  }

  async function resume(): Promise<void> {
    const asked = time.now();
    const answer = await ask('resume the repricing', (ctx) => resumeRepricing(ctx, null));
    if (answer === null || answer.kind === 'refused') return;
    for (const one of stops) if (one.repricing === answer.number) one.until = Math.min(one.until, asked);
  }

  async function look(): Promise<void> {
    await ask('how far is the repricing', (ctx) => repricingStatus(ctx, { number: null, state: null, limit: 10 }));
  }

  async function act(): Promise<void> {
    if (isOver()) return;
    await drawn<() => Promise<void>>(random, [
      [6, draft],
      [2, stop],
      [3, resume],
      [1, look],
    ])();
  }

  /** Cron has each daemon look each minute; of these looks, those of some hours are enough. */
  async function lookForOwed(): Promise<void> {
    for (;;) {
      await pause(between(random, HOUR, 6 * HOUR));
      for (const replica of replicas) replica.wake(OWED);
    }
  }

  return {
    async begin() {
      void lookForOwed();
      while (!isOver()) {
        await act();
        await pause(spread(random, MINUTE, 12 * HOUR));
      }
    },
    act,
    stops,
  };
}
