import type { Context } from '../../src/context.ts';
import { addInterval } from '../../src/domain/calendar/interval.ts';
import type { Catalog } from '../../src/domain/catalog/plan.ts';
import { releaseCharge, retryCharge, voidCharge } from '../../src/flows/charges/change-charge.ts';
import { armCharging } from '../../src/flows/charging/arm-charging.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import type { CreateInput } from '../../src/flows/subscriptions/create-input.ts';
import { createSubscription } from '../../src/flows/subscriptions/create-subscription.ts';
import { pauseSubscription, resumeSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { listCharges } from '../../src/flows/views/list-charges.ts';
import { between, type Chance, drawn, oneOf, spread } from '../support/chance.ts';
import { createInput } from '../support/create-input.ts';
import { siti } from '../support/siti.ts';
import type { Courier } from './courier.ts';
import { type Deals, dealsOf } from './deals.ts';
import type { Swarm } from './faults.ts';
import { type Givers, giversOf } from './givers.ts';
import { type Movers, moversOf } from './movers.ts';
import { type Payers, payersOf } from './payers.ts';
import { isOfNowhere } from './poison.ts';
import { type PriceRises, priceRisesOf } from './price-rises.ts';
import type { RefundDesk } from './refunds.ts';
import { isNoAnswer, type Replica } from './replica.ts';
import type { Scene } from './scene.ts';
import { type Stages, type Stop, stagesOf } from './stages.ts';
import type { Standby } from './standby.ts';
import type { Timeline } from './timeline.ts';
import { mostlyCards, mostlyWallets, saveMethod, type Xendit } from './xendit.ts';

/** The customers, the product and the admin, who act when they like and try again until they are answered. */
export type People = {
  /** Subscribes some customers within the first days, each of whom lives their own life from then on; a crowd mostly daily. */
  arrive(scene: Scene, until: number): void;
  /** Somebody acts now: on the subscription that this reference is of, or on any of them. */
  act(reference?: string): void;
  /** An admin sees that charging stopped, mends the cause and arms it again. */
  mend(): void;
  /** An import has just come a step further. */
  importStepped(): void;
  /** Nobody acts any more. */
  leave(): void;
  /** Subscriptions whose calendar a pause may have moved. */
  readonly shifted: ReadonlySet<string>;
  /** When repricings stood still. */
  readonly stops: readonly Stop[];
  /** What stood in the files of another biller. */
  readonly written: Movers['written'];
};

type Given = {
  readonly time: Timeline;
  readonly random: Chance;
  readonly faults: Swarm;
  readonly replicas: readonly Replica[];
  readonly xendit: Xendit;
  readonly courier: Courier;
  readonly standby: Standby;
  /** Failovers take what was just saved: whoever promotes a standby arms it, and customers save wallets. */
  readonly losesSavings: boolean;
  /** Somebody pays under this reference at their own hand. */
  paysByHand(reference: string): void;
  /** The catalog with higher prices, where an admin is to apply it. */
  readonly raised: Catalog | null;
  /** Where the files lie from which an admin takes over subscribers of another biller; null: nobody does. */
  readonly files: string | null;
  /** Customers of one plan come to its higher price by repricings. */
  readonly reprices: boolean;
  /** Where Xendit gives money back; null: nobody asks for any. */
  readonly desk: RefundDesk | null;
  tell(line: string): void;
  /** A flow threw for a reason that no fault explains. */
  failed(fault: string): void;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** So many subscriptions are of a customer who has one already. */
const KNOWN = 0.4;

const plans = [
  'daily',
  'daily',
  'daily',
  'two-days',
  'two-days',
  'two-days',
  'three-days',
  'three-days',
  'three-days',
  'weekly',
  'weekly',
  'stubborn',
  'pausing',
  'pausing',
  'ten-days',
  'monthly',
  'trial',
  'three',
  'asking',
  'manila',
];
/** The jobs that do nothing while charging is stopped. */
const WAIT_FOR_ARMING: ReadonlySet<string> = new Set([
  'billing',
  'open actions',
  'ended actions',
  'lost attempts',
  'refunds',
]);
/** Of the catalog; both are used up by a crowd. */
const COUPONS = ['HALF', 'FREE'];
const zones = [null, null, 'Asia/Jakarta', 'Asia/Singapore', 'America/New_York', 'Europe/London', 'UTC'];

export function people(given: Given): People {
  const { time, random, faults, replicas, xendit, courier, tell } = given;
  const subscriptions: string[] = [];
  let left = false;
  let isArming = false;
  const isOver = (): boolean => left;
  const deals: Deals = dealsOf({ time, random, ask, pause, cancelLater: (id) => cancel(id, 'period_end'), isOver });
  const { paysByHand, raised } = given;
  const stages: Stages | null =
    raised === null || !given.reprices
      ? null
      : stagesOf({ time, random, replicas, toVersion: raised.version, ask, pause, isOver });
  const rising: PriceRises | null =
    raised === null ? null : priceRisesOf({ time, random, raised, subscriptions, stages, ask, pause, isOver });
  const channels = given.losesSavings ? mostlyWallets : mostlyCards;
  const joined = (id: string) => subscriptions.push(id);
  const movers: Movers | null =
    given.files === null
      ? null
      : moversOf({
          time,
          random,
          xendit,
          directory: given.files,
          channels,
          ask,
          pause,
          joined,
          failed: given.failed,
          isOver,
        });
  const givers: Givers | null =
    given.desk === null ? null : giversOf({ random, desk: given.desk, subscriptions, ask, pause, tell, isOver });
  const payers: Payers = payersOf({ random, xendit, courier, ask, pause, paysByHand, isOver, tell });

  /** Over HTTP, at a replica the load balancer picks; who gets no answer asks again. */
  async function ask<T>(what: string, flow: (ctx: Context) => Promise<T>): Promise<T | null> {
    for (let tries = 0; tries < 200; tries += 1) {
      try {
        const answer = await answered(flow);
        tell(`people: ${what} -> ${kindOf(answer)}`);
        return answer;
      } catch (error) {
        if (!isNoAnswer(error) && !isOfNowhere(error)) {
          given.failed(`${what} failed: ${String(error)}`);
          return null;
        }
        await pause(spread(random, 1_000, 10 * MINUTE));
      }
    }
    return null;
  }

  async function answered<T>(flow: (ctx: Context) => Promise<T>): Promise<T> {
    const release = given.standby.holdOn();
    try {
      return await oneOf(random, replicas).serve(flow);
    } finally {
      release();
    }
  }

  function pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => time.at(time.now() + milliseconds, resolve));
  }

  async function subscribe(number: number, until: number, scene: Scene): Promise<void> {
    const { isCrowd, isRush } = scene;
    const areTogether = isRush || scene.isTroubled;
    const plan = isCrowd && random() < (areTogether ? 0.9 : 0.7) ? 'daily' : oneOf(random, plans);
    const input = createInput(`order-${number}`, plan, {
      timeZone: areTogether ? null : oneOf(random, zones),
      anchorDate: areTogether ? null : anchorFor(plan),
      quantity: random() < 0.15 ? 2 : 1,
      coupon: random() < 0.2 ? oneOf(random, COUPONS) : null,
      metadata: stages === null ? null : { cohort: number % 2 === 0 ? 'a' : 'b' },
      ...(number > 0 && random() < KNOWN ? { customer: customerOf(between(random, 0, number - 1)) } : {}),
    });
    const create = (wish: CreateInput) =>
      ask(`subscribe ${wish.referenceId} to ${plan}, ${wish.coupon}`, (ctx) =>
        createSubscription(ctx, withinInterval(ctx, wish)),
      );
    const first = await create(input);
    // Nobody gets a coupon that is used up, and whoever wanted it pays the price.
    const isTaken = first?.kind === 'created' || first?.kind === 'known';
    const created = isTaken || input.coupon === null ? first : await create({ ...input, coupon: null });
    if (created?.kind !== 'created' && created?.kind !== 'known') return;
    const { id } = created.dossier.subscription;
    subscriptions.push(id);
    await pause(spread(random, 10_000, 20 * MINUTE));
    save(id);
    for (const days of moments(until, scene.isRestless)) {
      await pause(days);
      if (left) return;
      await (scene.isRestless ? actRestlessly(id) : actOn(id));
    }
  }

  /** Who subscribed before, once more. */
  function customerOf(number: number) {
    return createInput(`order-${number}`).customer;
  }

  /** Some customers do nothing for months, some cannot leave it alone. */
  function moments(until: number, isRestless: boolean): readonly number[] {
    const count = isRestless
      ? between(random, 1, 4)
      : drawn(random, [
          [50, 0],
          [30, 1],
          [20, 3],
        ]);
    return Array.from({ length: count }, () =>
      between(random, HOUR, Math.max(HOUR, (until - time.now()) / (count + 1))),
    );
  }

  /** Nobody may begin later than an interval from today. */
  function withinInterval(ctx: Context, input: CreateInput): CreateInput {
    const interval = ctx.catalog.current.plans.get(input.plan)?.interval;
    if (interval === undefined || input.anchorDate === null) return input;
    const last = addInterval(time.instant().toZonedDateTimeISO('UTC').toPlainDate(), interval, 1);
    return Temporal.PlainDate.compare(input.anchorDate, last) <= 0 ? input : { ...input, anchorDate: last };
  }

  function anchorFor(plan: string): Temporal.PlainDate | null {
    if (plan === 'trial' || random() < 0.6) return null;
    return time
      .instant()
      .toZonedDateTimeISO('UTC')
      .toPlainDate()
      .add({ days: between(random, 1, 20) });
  }

  /** The customer uses the newest open link. */
  function save(id: string): void {
    const open = [...xendit.sessions.values()].filter((one) => one.referenceId.startsWith(`due_${id}_s`));
    const session = open.findLast((one) => one.status === 'ACTIVE');
    if (session === undefined) return;
    const method = saveMethod(xendit, session, random, channels);
    tell(`people: ${id} saved ${method.channel}`);
    courier.tellSession(session, method);
    if (faults.strikes('tokenEnds', 0.5)) time.at(time.now() + spread(random, HOUR, 20 * DAY), () => end(id));
  }

  /** The method that was saved last for this subscription ends at Xendit; most customers bring another one in time. */
  function end(id: string): void {
    const saved = [...xendit.sessions.values()].findLast(
      (one) => one.referenceId.startsWith(`due_${id}_s`) && one.tokenId !== null,
    );
    const method = xendit.methods.get(saved?.tokenId ?? '');
    if (left || method === undefined || method.status === 'EXPIRED') return;
    method.status = 'EXPIRED';
    tell(`xendit: ${method.tokenId} has ended`);
    courier.tellEnd(method);
    if (random() < 0.6) time.at(time.now() + spread(random, HOUR, 3 * DAY), () => void (left || replace(id)));
  }

  async function actOn(id: string): Promise<void> {
    await drawn<() => Promise<unknown>>(random, [
      [2, () => cancel(id, 'now')],
      [1, () => cancel(id, 'period_end')],
      [3, () => rest(id)],
      [4, () => replace(id)],
      [2, () => byHand(id)],
      [5, () => deals.act(id)],
      [3, () => payers.pay(id)],
      ...(rising === null ? [] : [[8, () => rising.tell(id)] as const]),
      ...(givers === null ? [] : [[6, () => givers.act(id)] as const]),
      ...(movers === null ? [] : [[3, movers.act] as const]),
      ...(stages === null ? [] : [[3, stages.act] as const]),
      ...(faults.isDrawn('tokenEnds') ? [[2, async () => end(id)] as const] : []),
    ])();
  }

  async function actRestlessly(id: string): Promise<void> {
    await drawn<() => Promise<unknown>>(random, [
      [6, () => deals.act(id)],
      [3, () => payers.pay(id)],
      [2, () => actOn(id)],
    ])();
  }

  async function cancel(id: string, at: 'now' | 'period_end'): Promise<void> {
    await ask(`cancel ${id} ${at}`, (ctx) => cancelSubscription(ctx, id, { at, reason: null, actor: 'product' }));
  }

  async function rest(id: string): Promise<void> {
    await ask(`pause ${id}`, (ctx) => pauseSubscription(ctx, id, { actor: 'product' }));
    await pause(spread(random, MINUTE, 10 * DAY));
    if (!left) await ask(`resume ${id}`, (ctx) => resumeSubscription(ctx, id, { actor: 'product' }));
  }

  async function replace(id: string): Promise<void> {
    const input = { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null };
    const answer = await ask(`replace the method of ${id}`, (ctx) => replaceMethod(ctx, id, input));
    if (answer?.kind !== 'opened') return;
    await pause(spread(random, 100, 10 * MINUTE));
    save(id);
  }

  /** An admin who looks at a charge that was not paid: once more, or never again. */
  async function byHand(id: string): Promise<void> {
    const page = await ask(`charges of ${id}`, (ctx) => listCharges(ctx, { subscription: id }, null, 500));
    const unpaid = page?.data.filter(({ status }) => ['due', 'uncollectible', 'held'].includes(status)) ?? [];
    if (unpaid.length === 0) return;
    const charge = oneOf(random, unpaid);
    if (charge.status === 'held' && random() < 0.7)
      await ask(`release ${charge.id}`, (ctx) => releaseCharge(ctx, charge.id, siti));
    else if (random() < 0.7) await ask(`retry ${charge.id}`, (ctx) => retryCharge(ctx, charge.id, siti));
    else await ask(`void ${charge.id}`, (ctx) => voidCharge(ctx, charge.id, siti));
  }

  async function arm(): Promise<void> {
    isArming = false;
    await ask('arm', (ctx) => armCharging(ctx, null, siti));
    for (const replica of replicas) replica.wake(WAIT_FOR_ARMING);
  }

  return {
    arrive(scene, until) {
      const within = scene.isRush || scene.isTroubled ? DAY / 2 : 4 * DAY;
      for (let number = 0; number < scene.customers; number += 1)
        time.at(time.now() + spread(random, 1_000, within), () => void subscribe(number, until, scene));
      rising?.plan(until);
      movers?.plan(until);
      void givers?.begin();
    },
    act(reference) {
      if (subscriptions.length === 0 || left) return;
      const own = subscriptions.find((id) => reference?.startsWith(`due_${id}_`) === true);
      void (own !== undefined && random() < 0.3 ? payers.pay(own) : actOn(own ?? oneOf(random, subscriptions)));
    },
    mend() {
      // Who is told by one daemon more is on the way already.
      if (isArming && !left) return;
      isArming = true;
      // Of the quiet days at the end somebody keeps an eye.
      const after = given.losesSavings
        ? spread(random, 100, 5_000)
        : spread(random, 10 * MINUTE, left ? HOUR : 12 * HOUR);
      time.at(time.now() + after, () => void arm());
    },
    importStepped: () => movers?.stepped(),
    leave() {
      left = true;
    },
    shifted: deals.shifted,
    stops: stages?.stops ?? [],
    written: movers?.written ?? new Map(),
  };
}

function kindOf(answer: unknown): string {
  return typeof answer === 'object' && answer !== null && 'kind' in answer ? String(answer.kind) : String(answer);
}
