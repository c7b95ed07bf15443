import type { Context } from '../../src/context.ts';
import { keepSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { addItem, withdrawItem } from '../../src/flows/subscriptions/change-items.ts';
import type { ChangeBody } from '../../src/flows/subscriptions/changing/asked-change.ts';
import { changeTerms, withdrawChange } from '../../src/flows/subscriptions/changing/change-terms.ts';
import {
  type PauseInput,
  pauseSubscription,
  resumeSubscription,
} from '../../src/flows/subscriptions/pause-subscription.ts';
import { between, type Chance, drawn, oneOf } from '../support/chance.ts';
import type { Timeline } from './timeline.ts';

/** What the product does with what was agreed, while cycles fall due and charges are on their way. */
export type Deals = {
  /** One of them, on this subscription, and what follows from it later. */
  act(id: string): Promise<void>;
  /** Subscriptions whose calendar a pause may have moved, be it within a day. */
  readonly shifted: ReadonlySet<string>;
};

type Given = {
  readonly time: Timeline;
  readonly random: Chance;
  ask<T>(what: string, flow: (ctx: Context) => Promise<T>): Promise<T | null>;
  pause(milliseconds: number): Promise<void>;
  cancelLater(id: string): Promise<void>;
  /** Nobody acts any more. */
  isOver(): boolean;
};

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const actor = 'product';
/** All of them cost rupiah. */
const plans = ['daily', 'two-days', 'three-days', 'weekly', 'stubborn', 'pausing', 'ten-days'];

export function dealsOf({ time, random, ask, pause, cancelLater, isOver }: Given): Deals {
  const shifted = new Set<string>();
  const soon = () => pause(between(random, 1_000, 2 * DAY));

  function dayIn(least: number, most: number): Temporal.PlainDate {
    const today = time.instant().toZonedDateTimeISO('UTC').toPlainDate();
    return today.add({ days: between(random, least, most) });
  }

  function when(): string {
    return drawn(random, [
      [3, 'now'],
      [3, 'period_end'],
      [2, dayIn(1, 8).toString()],
    ]);
  }

  async function change(id: string, body: ChangeBody): Promise<void> {
    const what = `change ${id} ${JSON.stringify(body)}`;
    await ask(what, (ctx) => changeTerms(ctx, id, { body, reason: null, actor }));
    if (random() > 0.3) return;
    await soon();
    if (!isOver()) await ask(`withdraw the change of ${id}`, (ctx) => withdrawChange(ctx, id, actor));
  }

  async function rest(id: string): Promise<void> {
    const input: PauseInput = {
      at: random() < 0.5 ? 'now' : 'period_end',
      until: random() < 0.7 ? dayIn(1, 9) : null,
      onResume: oneOf(random, ['charge', 'charge', 'void', 'hold'] as const),
      cycles: random() < 0.25 ? 'shift' : 'skip',
      actor,
    };
    if (input.cycles === 'shift') shifted.add(id);
    await ask(`pause ${id} ${JSON.stringify(input)}`, (ctx) => pauseSubscription(ctx, id, input));
    // One with an end mostly ends by itself.
    if (input.until != null && random() < 0.7) return;
    await soon();
    if (!isOver()) await ask(`resume ${id}`, (ctx) => resumeSubscription(ctx, id, { actor }));
  }

  async function secondThoughts(id: string): Promise<void> {
    await cancelLater(id);
    await soon();
    if (!isOver()) await ask(`keep ${id}`, (ctx) => keepSubscription(ctx, id, actor));
  }

  async function item(id: string): Promise<void> {
    const asked = { text: 'By hand', amount: between(random, 1, 9) * 500 };
    const added = await ask(`add ${asked.amount} to ${id}`, (ctx) => addItem(ctx, id, asked, actor));
    if (added?.kind !== 'changed' || random() > 0.2) return;
    await pause(between(random, 1_000, 20 * 60 * MINUTE));
    if (!isOver()) await ask(`withdraw the item of ${id}`, (ctx) => withdrawItem(ctx, id, added.item.id, actor));
  }

  return {
    shifted,
    async act(id) {
      await drawn<() => Promise<void>>(random, [
        [3, () => change(id, { quantity: between(random, 1, 3), when: when() })],
        [3, () => change(id, { plan: oneOf(random, plans), when: when() })],
        [1, () => change(id, { plan: oneOf(random, plans), anchor: 'reset' })],
        [3, () => rest(id)],
        [1, () => secondThoughts(id)],
        [3, () => item(id)],
      ])();
    },
  };
}
