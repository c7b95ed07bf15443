import { setTimeout as pause } from 'node:timers/promises';
import type { Api } from './api.ts';
import { progressBar } from './screen/progress-bar.ts';
import type { Screen } from './screen/screen.ts';

export type ClockState = { readonly now: string; readonly status: 'advancing' | 'ready' };

/** How the wait is shown; null: not at all. */
export type Watch = (now: Temporal.Instant) => void;

const LOOK_MS = 20;
const SLOWEST_LOOK_MS = 250;

/** Sends the test clock to an instant and waits until it has arrived, with all that fell due on the way done. */
export async function sendClock(
  api: Api,
  target: Temporal.Instant,
  jump: boolean,
  watch: Watch,
  signal?: AbortSignal,
): Promise<ClockState> {
  let state: ClockState = await api.post('/v1/test-clock', { now: target.toString(), jump });
  for (let wait = LOOK_MS; state.status !== 'ready'; wait = Math.min(wait * 1.5, SLOWEST_LOOK_MS)) {
    await pause(wait, undefined, signal === undefined ? {} : { signal });
    state = await api.get('/v1/test-clock');
    watch(Temporal.Instant.from(state.now));
  }
  return state;
}

/** A bar on a terminal; elsewhere a line every five seconds. */
export function progress(screen: Screen, from: Temporal.Instant, to: Temporal.Instant): Watch {
  const whole = Math.max(1, to.since(from).total('milliseconds'));
  const bar = progressBar(screen, (percent, day) => `the test clock is at ${day}, ${percent}% of the way`);
  return (now) =>
    bar(now.since(from).total('milliseconds') / whole, `${now.toString().slice(0, 16).replace('T', ' ')} UTC`);
}
