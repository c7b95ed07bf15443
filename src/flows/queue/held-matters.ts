import type { Context } from '../../context.ts';
import { momentText } from '../../domain/calendar/moment-text.ts';
import { holdWords } from '../../domain/charges/story/words.ts';
import { type ChargeDossier, chargeDossiers } from '../../infra/tables/charges/charges.ts';
import { type LastAttempt, lastAttempts } from '../../infra/tables/charges/last-attempts.ts';
import { heldSince } from '../../infra/tables/charges/standing.ts';
import { policyOrNone, windowEndOf } from '../change/policies.ts';
import { major } from '../views/subscription-view.ts';
import { kindOfHold, type Matter, MOST } from './matter.ts';

/** Charges that wait for a person, each with its story. */
export async function heldMatters(ctx: Context, now: Temporal.Instant): Promise<readonly Matter[]> {
  const zone = ctx.catalog.current.defaults.timeZone;
  const held = await heldSince(ctx.db, null, MOST + 1);
  const ids = held.map(({ id }) => id);
  const [dossiers, tried] = await Promise.all([chargeDossiers(ctx.db, ids), lastAttempts(ctx.db, ids)]);
  const since = new Map(held.map((one) => [one.id, Temporal.Instant.from(one.since)]));
  return await Promise.all(
    dossiers.map(async (dossier) => {
      const { charge } = dossier;
      const end = await windowOf(ctx, dossier);
      const of = { tried: tried.get(charge.id) ?? null, since: since.get(charge.id) ?? charge.createdAt };
      return matterOf(dossier, zone, {
        ...of,
        end: end !== null && Temporal.Instant.compare(end, now) > 0 ? end : null,
      });
    }),
  );
}

/** When its time to be tried is over; null: it was never tried, or its rules cannot be read. */
async function windowOf(ctx: Context, dossier: ChargeDossier): Promise<Temporal.Instant | null> {
  const { charge } = dossier;
  if (charge.windowFrom === null && charge.firstAttemptAt === null) return null;
  const { unreadable } = await policyOrNone(ctx, charge);
  return unreadable === null ? await windowEndOf(ctx, dossier) : null;
}

type Of = {
  readonly tried: LastAttempt | null;
  readonly since: Temporal.Instant;
  readonly end: Temporal.Instant | null;
};

function matterOf({ charge, subscription }: ChargeDossier, zone: string, { tried, since, end }: Of): Matter {
  const reason = charge.holdReason ?? 'by_hand';
  const kind = kindOfHold(reason);
  const code = charge.lastFailureCode;
  const place = charge.cycle === null ? 'an extra charge' : `cycle ${charge.cycle}`;
  return {
    kind,
    key: charge.id,
    title: `${TITLES[reason] ?? 'Held'}: ${subscription.referenceId}, ${place}`,
    path: `/charges/${charge.id}`,
    story: [
      ...(reason === 'by_hand' && charge.note !== null
        ? []
        : [`It waits because ${holdWords(reason)}${code === null ? '' : ` (${code})`}.`]),
      ...(charge.note === null ? [] : [sentence(charge.note)]),
      ...attemptStory(tried, zone),
      ...(kind === 'unknown' ? ['A second attempt could charge twice, so nothing is tried.'] : []),
    ],
    otherwise:
      kind === 'unknown'
        ? 'Nothing is charged and it stays owed; should Xendit still tell of a success, it is paid by that.'
        : 'Nothing is charged, and it stays owed until somebody decides.',
    stake: { amount: major(charge.amount, charge.currency), currency: charge.currency },
    since,
    decideBy:
      end === null ? null : { at: end, words: 'the window of its tries ends; a release after that begins another' },
    cause: `${reason} ${code ?? ''}`,
    charge: charge.id,
    acts: null,
  };
}

function attemptStory(tried: LastAttempt | null, zone: string): readonly string[] {
  if (tried === null) return [];
  const over = tried.channel === null ? '' : ` over ${tried.channel}`;
  return [
    `Its last attempt${over} was sent on ${momentText(tried.sentAt, zone)} and ${OUTCOMES[tried.outcome ?? ''] ?? 'has no outcome'}.`,
  ];
}

const OUTCOMES: Readonly<Record<string, string>> = {
  succeeded: 'collected',
  declined: 'was declined',
  refused: 'was refused by Xendit',
};

const TITLES: Readonly<Record<string, string>> = {
  unknown_outcome: 'No answer in a day',
  our_fault: 'Our fault',
  missed_cycle: 'Missed cycle',
  throttled: 'Xendit was too busy',
  window_over: 'Its time was over',
  broken: 'It could not be claimed',
  partial_approval: 'A part may be reserved',
  by_hand: 'Held by a person',
  channel_stopped: 'Its channel was stopped',
  disputed: 'Held for a dispute',
  charge_limit: 'Above the limit',
  customer_limit: 'Above a day’s limit',
};

function sentence(text: string): string {
  const first = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
