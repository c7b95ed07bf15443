import type { Command } from 'commander';
import { type Api, ApiFault } from '../api.ts';
import { type ClockState, progress, sendClock } from '../test-clock.ts';
import { answer, daemonOf, Failed, group, type House, NotUnderstood, type Reaching, remoteVerb } from '../verb.ts';

/** `dueday clock ...`: the test clock of a daemon that was started with DUEDAY_CLOCK=virtual. */
export function clockCommand(house: House): Command {
  return group(house, 'clock', 'the test clock: let months pass in seconds')
    .addCommand(showCommand(house), { isDefault: true })
    .addCommand(advanceCommand(house));
}

function showCommand(house: House): Command {
  return remoteVerb(house, 'show', 'say what time it is for the daemon').action(async (options: Reaching) => {
    const state = await testClock(await daemonOf(house, options));
    answer(house.screen, options, state, () => words(state));
  });
}

type Advancing = Reaching & { readonly to?: string; readonly by?: string; readonly jump?: boolean };

function advanceCommand(house: House): Command {
  return remoteVerb(house, 'advance', 'move the test clock forward, doing all that falls due on the way')
    .option('--to <instant>', 'where it goes, like 2027-02-01T00:00:00Z')
    .option('--by <time>', 'how far, like "1 month", "36 hours", "2 months 15 days"')
    .option('--jump', 'go there at once, as if the daemon had been down meanwhile')
    .action(async (options: Advancing) => {
      const wanted = wantedTime(options);
      const api = await daemonOf(house, options);
      const before = Temporal.Instant.from((await testClock(api)).now);
      const target = wanted(before);
      const state = await sendClock(api, target, options.jump ?? false, progress(house.screen, before, target));
      if (house.screen.live) house.screen.redraw('');
      answer(house.screen, options, state, () => words(state));
    });
}

async function testClock(api: Api): Promise<ClockState> {
  try {
    return await api.get<ClockState>('/v1/test-clock');
  } catch (error) {
    if (error instanceof ApiFault && error.problem.status === 404) {
      throw new Failed('This daemon lives by the real clock. Start it with DUEDAY_CLOCK=virtual to have a test clock.');
    }
    throw error;
  }
}

function words({ now, status }: ClockState): string {
  return `The test clock stands at ${now}${status === 'ready' ? '' : ', and is being moved'}.`;
}

/** From now to the target: what is wrong with the words is told before anybody is asked. */
function wantedTime({ to, by }: Advancing): (now: Temporal.Instant) => Temporal.Instant {
  if ((to === undefined) === (by === undefined)) throw new NotUnderstood('Give either --to <instant> or --by <time>.');
  if (to !== undefined) {
    const target = instant(to);
    return () => target;
  }
  const duration = durationOf(by ?? '');
  return (now) => now.toZonedDateTimeISO('UTC').add(duration).toInstant();
}

function instant(text: string): Temporal.Instant {
  try {
    return Temporal.Instant.from(text);
  } catch {
    throw new NotUnderstood(`--to: "${text}" is no instant. Write it like 2027-02-01T00:00:00Z, with its offset.`);
  }
}

const PART = /^(\d{1,5}) (minute|hour|day|week|month|year)s?$/;

function durationOf(text: string): Temporal.Duration {
  const parts = text
    .trim()
    .split(/(?<=[a-z]),? (?=\d)/)
    .map((part) => PART.exec(part));
  const lengths = new Map(parts.map((part) => [`${part?.[2] ?? ''}s`, Number(part?.[1])]));
  if (lengths.has('s') || lengths.size < parts.length)
    throw new NotUnderstood(`--by: "${text}" is no time. Write it like "1 month", "36 hours" or "2 months 15 days".`);
  const duration: Temporal.DurationLike = Object.fromEntries(lengths);
  return Temporal.Duration.from(duration);
}
