import type { Context } from '../../src/context.ts';
import { openPayLink } from '../../src/flows/paying/pay-link.ts';
import { payThrough } from '../../src/flows/paying/pay-through.ts';
import { listCharges } from '../../src/flows/views/list-charges.ts';
import { between, type Chance, spread } from '../support/chance.ts';
import type { Courier } from './courier.ts';
import type { Xendit } from './xendit.ts';

/** Customers who pay at their own hand what could not be collected, or what is being collected just then. */
export type Payers = {
  /** A charge of this subscription, as soon as there is one to be paid. */
  pay(id: string): Promise<void>;
};

type Given = {
  readonly random: Chance;
  readonly xendit: Xendit;
  readonly courier: Courier;
  ask<T>(what: string, flow: (ctx: Context) => Promise<T>): Promise<T | null>;
  pause(milliseconds: number): Promise<void>;
  /** Somebody pays under this reference. */
  paysByHand(reference: string): void;
  /** Nobody acts any more. */
  isOver(): boolean;
  tell(line: string): void;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export function payersOf({ random, xendit, courier, ask, pause, paysByHand, isOver, tell }: Given): Payers {
  /** A link to what is not paid; somebody looks now and then whether there is anything. */
  async function linkFor(id: string): Promise<string | null> {
    for (let looks = 0; looks < 15 && !isOver(); looks += 1) {
      const page = await ask(`charges of ${id}`, (ctx) => listCharges(ctx, { subscription: id }, null, 500));
      const unpaid = page?.data.find(({ status }) => ['due', 'attempting', 'uncollectible'].includes(status));
      if (unpaid !== undefined) {
        const wanted = { linkMinutes: null, saves: 'DISABLED', actor: 'product' } as const;
        const link = await ask(`link to pay ${unpaid.id}`, (ctx) => openPayLink(ctx, unpaid.id, wanted));
        if (link?.kind === 'opened' || link?.kind === 'same') return link.url;
      }
      await pause(between(random, MINUTE, 5 * HOUR));
    }
    return null;
  }

  /** A customer is sent a link to pay by hand, and follows it, once or twice, whatever has become of the charge since. */
  async function pay(id: string): Promise<void> {
    const link = await linkFor(id);
    if (link === null) return;
    const token = link.slice(link.lastIndexOf('/') + 1);
    for (let times = between(random, 1, 2); times > 0 && !isOver(); times -= 1) {
      await pause(spread(random, 100, 12 * HOUR));
      const offered = isOver() ? null : await ask(`pay ${id} by hand`, (ctx) => payThrough(ctx, token));
      if (offered?.kind === 'open') void payAt(offered.session.paymentLinkUrl);
    }
  }

  /** Xendit's page: some are declined there first, and some never come. */
  async function payAt(url: string | null): Promise<void> {
    const session = [...xendit.sessions.values()].find(({ id }) => url?.endsWith(`/${id}`) === true);
    if (session === undefined || random() < 0.2) return;
    await pause(spread(random, 2_000, 40 * MINUTE));
    if (session.status === 'ACTIVE' && random() < 0.3) {
      xendit.payIn(session, true);
      await pause(spread(random, 5_000, 10 * MINUTE));
    }
    if (session.status !== 'ACTIVE') return;
    paysByHand(session.referenceId);
    xendit.payIn(session, false);
    tell(`people: ${session.referenceId} is paid by hand`);
    courier.tellPaid(session);
  }

  return { pay };
}
