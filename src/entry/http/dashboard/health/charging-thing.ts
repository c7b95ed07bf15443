import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Context } from '../../../../context.ts';
import type { ShownState } from '../../../../domain/charges/shown-state.ts';
import { type Arming, armCharging, lookAtArming, whyNotArm } from '../../../../flows/charging/arm-charging.ts';
import { disarmCharging } from '../../../../flows/charging/disarm-charging.ts';
import { aimClock, clockState } from '../../../../flows/time/advance-clock.ts';
import { standingOfHouse } from '../../../../flows/views/overview.ts';
import { instantText } from '../../api/texts.ts';
import type { Acted, Deed, Subject, Thing } from '../acts/thing.ts';

/** Charging as a whole, as it stood when somebody looked. */
type House = Subject & {
  readonly arming: Arming;
  readonly charging: 'on' | 'stopped' | 'disarmed';
  readonly whyNotArm: string | null;
  /** Where the test clock stands; null: there is none. */
  readonly clock: Temporal.Instant | null;
};

/** What an admin may do about charging as a whole: arm it, stop it, and move a test clock. */
export function chargingThing(ctx: Context): Thing<House> {
  return {
    base: '/health',
    one: 'charging',
    many: 'charging',
    load: async (reading) => [await subjectOf(reading)],
    since: async () => [],
    deeds: ctx.clock.kind === 'virtual' ? [arming(ctx), stopping, movingClock] : [arming(ctx), stopping],
  };
}

async function subjectOf(ctx: Context): Promise<House> {
  const arming = await lookAtArming(ctx);
  const { standing } = await standingOfHouse(ctx);
  const clock = ctx.clock.kind === 'virtual' ? (await clockState(ctx)).now : null;
  const seen = JSON.stringify([arming, standing, clock?.toString() ?? null]);
  return {
    id: 'house',
    arming,
    charging: standing.charging,
    whyNotArm: await whyNotArm(ctx, ctx.key.mode),
    clock,
    seen: createHash('sha256').update(seen).digest('base64url'),
    asSeen: null,
    name: 'charging',
    path: '/health',
    money: null,
    now: STATES[standing.charging],
  };
}

const STATES: Readonly<Record<House['charging'], ShownState>> = {
  on: { word: 'Armed', shape: 'paid', tone: 'ok' },
  stopped: { word: 'Stopped', shape: 'held', tone: 'bad' },
  disarmed: { word: 'Not armed', shape: 'held', tone: 'bad' },
};

/** A key that moves money is named by whoever arms it: it is the wrong environment more often than it is meant. */
function arming({ key }: Context): Deed<House> {
  return {
    verb: 'arm',
    word: 'Arm charging',
    saying: (what) => `Arm ${what}, with the ${key.mode} key`,
    past: 'Armed',
    refusal: ({ charging, arming: { differences }, whyNotArm: why }) =>
      why ?? (charging === 'on' && differences.length === 0 ? 'It is armed, and goes on.' : null),
    lede: () =>
      'This database and this key are the ones that charge, says whoever arms them. What is due goes out at once.',
    after: () => STATES.on,
    bounds: ({ arming: shown }) => boundsOf(shown),
    untouched: 'What was charged stays as it is, and what is held waits for its person all the same.',
    asks: () =>
      key.mode === 'live'
        ? [
            {
              id: 'live',
              label: 'Money of customers moves: the live key is meant, on this very database',
              isTicked: true,
              schema: z.literal('yes', { error: 'must be ticked' }),
            },
          ]
        : [],
    act: async (ctx, { arming: seen }, { actor, reason }): Promise<Acted> => {
      const armed = await armCharging(ctx, key.mode, { actor, reason }, seen);
      return armed.kind === 'armed' ? { kind: 'done' } : { kind: 'refused', detail: armed.detail };
    },
    done: () => 'What is due goes out now.',
  };
}

function boundsOf({ differences, stoppedFor, asksFirst }: Arming): string {
  const said = [
    ...(stoppedFor === null ? [] : [`It had stopped for: ${stoppedFor}`]),
    ...differences,
    ...(asksFirst ? ['Rows may have been lost: what was due is asked about at Xendit before it is tried'] : []),
  ];
  return said.length === 0
    ? 'Nothing differs from what was armed before'
    : said.map((one) => one.replace(/\.$/, '')).join('. ');
}

const stopping: Deed<House> = {
  verb: 'stop',
  word: 'Stop charging',
  saying: (what) => `Stop ${what}`,
  past: 'Stopped',
  refusal: ({ charging }) => (charging === 'stopped' ? 'It is stopped already.' : null),
  lede: () => 'No attempt is begun, repeated or claimed until a person arms charging again; a restart does not.',
  after: () => STATES.stopped,
  bounds: () => 'Charges that fall due wait in line, and nothing of them is lost',
  untouched: 'What is on its way already is settled as it comes; webhooks are taken, and subscriptions go on.',
  asks: () => [],
  act: async (ctx, _, by): Promise<Acted> => {
    const { changed } = await disarmCharging(ctx, by);
    return changed ? { kind: 'done' } : { kind: 'refused', detail: 'A person has stopped it before.' };
  },
  done: () => 'Nothing is charged until somebody arms it again.',
};

const movingClock: Deed<House> = {
  verb: 'clock',
  word: 'Move the test clock',
  saying: () => 'Move the test clock',
  past: 'On its way',
  refusal: () => null,
  lede: ([subject]) =>
    `The test clock stands at ${subject?.clock?.toString() ?? 'no time'}. It goes forward only, and does on its way all that falls due.`,
  after: ({ now }) => now,
  bounds: () => 'It never goes back',
  untouched: 'The sandbox and this book alone live by it.',
  asks: ([subject]) => [
    {
      id: 'to',
      label: 'Forward to',
      hint: 'An instant, like 2026-03-01T00:00:00Z.',
      value: subject?.clock?.add({ hours: 24 }).toString() ?? '',
      schema: instantText,
    },
  ],
  act: async (ctx, _, { given }): Promise<Acted> => {
    const aimed = await aimClock(ctx, Temporal.Instant.from(given.to ?? ''), false);
    if (aimed.kind === 'refused') return { kind: 'refused', detail: aimed.detail };
    ctx.wake();
    return { kind: 'done' };
  },
  done: () => 'It does what falls due on its way: look again in a moment.',
};
