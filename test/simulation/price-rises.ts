import type { Context } from '../../src/context.ts';
import type { Catalog } from '../../src/domain/catalog/plan.ts';
import { type AppliedEdit, applyCatalog } from '../../src/flows/edits/apply-catalog.ts';
import { diffCatalog } from '../../src/flows/edits/diff-catalog.ts';
import { recordNotice } from '../../src/flows/subscriptions/notices/record-notice.ts';
import { recordConsent } from '../../src/flows/subscriptions/record-consent.ts';
import { between, type Chance, drawn, spread } from '../support/chance.ts';
import type { Stages } from './stages.ts';
import type { Timeline } from './timeline.ts';

/** Higher prices for those who subscribe already: an admin applies them, the product tells its customers, and some of these answer. */
export type PriceRises = {
  /** The admin applies the edit some time before `until`, and customers are told from then on. */
  plan(until: number): void;
  /** The customer of this subscription is told now, once the edit is applied, and answers later or never. */
  tell(id: string): Promise<void>;
};

type Given = {
  readonly time: Timeline;
  readonly random: Chance;
  readonly raised: Catalog;
  /** All that there are by now. */
  readonly subscriptions: readonly string[];
  /** Of one plan customers come to the price in stages; null: all by themselves. */
  readonly stages: Stages | null;
  ask<T>(what: string, flow: (ctx: Context) => Promise<T>): Promise<T | null>;
  pause(milliseconds: number): Promise<void>;
  /** Nobody acts any more. */
  isOver(): boolean;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const actor = 'product';

export function priceRisesOf({ time, random, raised, subscriptions, stages, ask, pause, isOver }: Given): PriceRises {
  const subject = String(raised.version);
  let isApplied = false;

  /** As `dueday catalog diff` and `apply --digest` do it; where the book moved in between, somebody looks again. */
  async function apply(): Promise<void> {
    while (!isOver()) {
      const applied = await ask('apply the higher prices', shownAndApplied);
      isApplied = applied?.kind === 'applied' || applied?.kind === 'nothing_to_do';
      if (isApplied) return;
      await pause(spread(random, MINUTE, HOUR));
    }
  }

  async function shownAndApplied(ctx: Context): Promise<AppliedEdit> {
    const source = { name: 'catalog.yaml', text: raised.source };
    const shown = await diffCatalog(ctx, source);
    if (shown.kind === 'faults') return shown;
    return await applyCatalog(ctx, { source, digest: shown.diff.digest, actor: 'cli:siti', reason: null });
  }

  async function tell(id: string): Promise<void> {
    if (!isApplied || isOver()) return;
    const sentAt = time.instant().subtract({ minutes: between(random, 0, 720) });
    const notice = { kind: 'price_change', subject, sentAt, channel: 'email', evidence: null, actor } as const;
    const told = await ask(`tell ${id} of the higher price`, (ctx) => recordNotice(ctx, id, notice));
    // A failover took the edit: whoever hears that it is not in force applies it again.
    if (told?.kind === 'invalid') await apply();
    await pause(spread(random, 1_000, 3 * DAY));
    const answer = drawn(random, [
      [5, 'given'],
      [2, 'refused'],
      [2, null],
    ] as const);
    if (answer === null || isOver()) return;
    const consent = { what: 'price', answer, subject, evidence: 'a click', actor } as const;
    await ask(`the answer of ${id} is ${answer}`, (ctx) => recordConsent(ctx, id, consent));
  }

  async function begin(): Promise<void> {
    await apply();
    void stages?.begin();
    for (const id of subscriptions) time.at(time.now() + spread(random, 1_000, 2 * DAY), () => void tell(id));
  }

  return {
    plan(until) {
      time.at(time.now() + (until - time.now()) * (0.2 + random() * 0.4), () => void begin());
    },
    tell,
  };
}
