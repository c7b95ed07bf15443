import type { Decision } from '../declines/decision.ts';
import { because, type Circumstances } from '../dunning/circumstances.ts';
import { causeOf, isLimit, SAMPLE, type Sign } from './channel-sign.ts';

/** One answer as it is kept; `code` null: the channel worked. */
export type KeptAnswer = {
  readonly attempt: string;
  readonly token: string;
  readonly code: string | null;
  readonly after: number;
  readonly at: string;
};

export type BreakerState = 'closed' | 'open' | 'half_open';

/** Whether the charges of a channel go out. The instants go by the billing clock. */
export type Breaker = {
  readonly channel: string;
  readonly state: BreakerState;
  /** When it came to stand as it stands; null: it was never opened. */
  readonly since: Temporal.Instant | null;
  readonly code: string | null;
  readonly why: string | null;
  readonly by: string | null;
  readonly probeAt: Temporal.Instant | null;
  readonly probes: number;
  readonly room: number;
  readonly probe: string | null;
  readonly answers: readonly KeptAnswer[];
};

/** Share of the kept answers that must say the same. */
const MOST = 0.8;
/** The newest answers that are judged, or as many as came together. */
const JUDGED = 25;
/** Answers kept of a channel in doubt, and for how long: what meets one customer a day shows too, and is taken back. */
const KEPT = 250;
const KEPT_DAYS = 30;
/** Minutes between probes, growing; the last one for good. */
const PAUSES = [1, 2, 4, 8, 15, 30, 60];
/** A channel that has just worked is not stopped by one charge, and a probe that fails soon after waits on from there. */
const PROVEN_MINUTES = 60;
/** A limited channel is let out in growing groups; after one as large as this it is at its pace again. */
const AT_PACE = 64;

/** Stopped by a person: no probe goes out until one starts it again. */
export const BY_HAND = 'BY_HAND';

/** The breaker after these answers; the same one when they change nothing. Only a closed one listens. */
export function judged(breaker: Breaker, news: readonly Judged[], now: Temporal.Instant): Breaker {
  if (breaker.state !== 'closed') return breaker;
  const limit = news.map(({ sign }) => sign).find((sign) => sign.kind === 'limit');
  const heard = { ...breaker, answers: keep(breaker.answers, news, now) };
  if (limit !== undefined) return opened(heard, limit.code, limitText(breaker.channel, limit.code), now, limit.seconds);
  const fault = faultIn(heard, Math.max(JUDGED, news.length), now);
  return fault === null ? heard : opened(heard, fault.code, faultText(breaker.channel, fault), now, null);
}

export type Judged = { readonly attempt: string; readonly token: string; readonly sign: Sign };

/** The newest answers, one an attempt; none once the channel only works. */
function keep(before: readonly KeptAnswer[], news: readonly Judged[], now: Temporal.Instant): readonly KeptAnswer[] {
  const told = news.flatMap(({ attempt, token, sign }) => {
    if (sign.kind !== 'works' && sign.kind !== 'fault') return [];
    const of = sign.kind === 'fault' ? { code: sign.code, after: sign.after } : { code: null, after: 0 };
    return [{ attempt, token, ...of, at: now.toString() }];
  });
  const again = new Set(told.map(({ attempt }) => attempt));
  const oldest = now.subtract({ hours: KEPT_DAYS * 24 });
  const young = before.filter(
    ({ attempt, at }) => !again.has(attempt) && Temporal.Instant.compare(Temporal.Instant.from(at), oldest) > 0,
  );
  const kept = [...young, ...told].slice(-Math.max(KEPT, told.length));
  return kept.some(({ code }) => code !== null) ? kept : [];
}

type Found = { readonly code: string; readonly methods: number; readonly of: number };

/** What as many different methods met as it takes, and nearly nothing else. */
function faultIn(breaker: Breaker, newest: number, now: Temporal.Instant): Found | null {
  const answers = breaker.answers.slice(-newest);
  const proven = isProven(breaker, now);
  for (const code of new Set(answers.map((one) => one.code))) {
    if (code === null) continue;
    const same = answers.filter((one) => one.code === code);
    const methods = new Set(same.map(({ token }) => token)).size;
    const after = Math.max(same.at(-1)?.after ?? SAMPLE, proven ? 2 : 1);
    if (methods >= after && same.length >= MOST * answers.length) return { code, methods, of: answers.length };
  }
  return null;
}

function isProven({ state, since }: Breaker, now: Temporal.Instant): boolean {
  return state === 'closed' && since !== null && now.since(since).total('minutes') < PROVEN_MINUTES;
}

/** Stops the channel. `seconds`: Xendit said how long, if it did. */
export function opened(
  breaker: Breaker,
  code: string,
  why: string,
  now: Temporal.Instant,
  seconds: number | null,
): Breaker {
  const failed = isProven(breaker, now) ? breaker.probes : 0;
  const probeAt = code === BY_HAND ? null : later(now, failed, seconds);
  const rest = { by: null, probeAt, probes: failed + 1, room: 1, probe: null };
  return { ...breaker, ...rest, state: 'open', since: now, code, why };
}

/** How long a probe may be out before another one goes: longer than any answer takes. */
const PROBE_MINUTES = 10;

/** One process sends a probe; when it dies, another does once this is over. */
export function probing(breaker: Breaker, probe: string, now: Temporal.Instant): Breaker {
  return { ...breaker, state: 'half_open', probe, probeAt: now.add({ minutes: PROBE_MINUTES }) };
}

/** Everything that was held back goes out again. */
export function closed(breaker: Breaker, by: string, now: Temporal.Instant): Breaker {
  const rest = { code: null, why: null, probeAt: null, probe: null, room: 1, answers: [] };
  return { ...breaker, ...rest, state: 'closed', since: now, by };
}

/**
 * After a probe: what is at fault is mended when one works. What is limited is let out in growing groups, and waits anew
 * where a group met the limit.
 */
export function afterProbe(breaker: Breaker, signs: readonly Sign[], now: Temporal.Instant): Breaker {
  const limit = signs.find((sign) => sign.kind === 'limit');
  const waits = { ...breaker, state: 'open', probe: null } as const;
  const works = signs.some(({ kind }) => kind === 'works' || (kind === 'fault' && isLimit(breaker.code)));
  if (works && !isLimit(breaker.code)) return closed(breaker, 'dueday', now);
  if (works && limit === undefined) {
    const isAtPace = breaker.room >= AT_PACE;
    return isAtPace ? closed(breaker, 'dueday', now) : { ...waits, probes: 0, room: breaker.room * 2, probeAt: now };
  }
  const failed = works ? 0 : breaker.probes;
  return { ...waits, probes: failed + 1, room: 1, probeAt: later(now, failed, limit?.seconds ?? null) };
}

/** Nothing could be sent that would tell: soon again. */
export function notProbed(breaker: Breaker, now: Temporal.Instant): Breaker {
  return { ...breaker, state: 'open', probe: null, probeAt: later(now, 0, null) };
}

function later(now: Temporal.Instant, probes: number, seconds: number | null): Temporal.Instant {
  const minutes = PAUSES[Math.min(probes, PAUSES.length - 1)] ?? 60;
  return now.add({ seconds: Math.max(minutes * 60, seconds ?? 0) });
}

/** Whether it is time for a probe; an instant that is further off than any pause was written before the clock was set back. */
export function isProbeDue(probeAt: Temporal.Instant | null, now: Temporal.Instant): boolean {
  if (probeAt === null) return false;
  const minutes = probeAt.since(now).total('minutes');
  return minutes <= 0 || minutes > 2 * PROVEN_MINUTES;
}

/** The attempt did not count; its charge waits with the others until the channel works. */
export function releasedByChannel(
  sign: Extract<Sign, { kind: 'fault' | 'limit' }>,
  channel: string,
  given: Circumstances,
): Decision {
  const text = `${sign.code}: ${channel} is stopped, since it is not this customer who is at fault; the attempt does not count.`;
  const cls = sign.kind === 'limit' ? 'throttled' : sign.class;
  const rule = sign.kind === 'limit' ? 'channel_limited' : 'channel_stopped';
  return { kind: 'release', at: given.now, stops: false, why: because(given, rule, text, { class: cls }) };
}

function faultText(channel: string, { code, methods, of }: Found): string {
  return `${methods} payment methods of ${channel} met the same fault, ${code}, in the last ${of} answers: ${causeOf(code)}`;
}

function limitText(channel: string, code: string): string {
  return `Xendit limits ${channel} (${code}): its charges go out in small groups, with growing pauses`;
}

/** What a person can do about a stopped channel. */
export function wayOutOf(channel: string, code: string | null): string {
  if (code === BY_HAND) return `run: dueday arm --channel ${channel}`;
  return `mend it at Xendit; it goes on by itself once a single charge succeeds, or at once with: dueday arm --channel ${channel}`;
}
