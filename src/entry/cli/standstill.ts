import { HELD_AT_MOST } from '../../domain/control/readiness.ts';
import type { ToldStanding } from '../http/health.ts';
import { counted, timeText } from './screen/wording.ts';

/**
 * One line on what keeps charges from going on, with the commands that show it and end it; null: nothing does. A list of charges
 * that look due is no answer for somebody who does not know that nothing is charged.
 */
export function standstill(standing: ToldStanding, isListOfHeld: boolean): string | null {
  const stopped = Object.entries(standing.channels).filter(([, { since }]) => since !== null);
  const sentences = [
    whole(standing),
    ...stopped.map(([code, channel]) => ofChannel(code, channel)),
    isListOfHeld ? null : held(standing),
  ].filter((sentence) => sentence !== null);
  return sentences.length === 0 ? null : sentences.join(' ');
}

function whole({ charging, reason, stopped_since: since }: ToldStanding): string | null {
  if (charging === 'on') return null;
  const when = charging === 'stopped' ? ` since ${momentText(since)}` : '';
  return `Nothing is charged${when} (${reason ?? 'nobody said why'}): ${ways('dueday arm')}`;
}

function ofChannel(code: string, { state, since, why }: ToldStanding['channels'][string]): string {
  const how = state === 'open' ? 'is stopped' : 'takes only a few charges at a time';
  return `${code} ${how} since ${momentText(since)} (${why ?? 'nobody said why'}): ${ways(`dueday arm --channel ${code}`)}`;
}

function ways(end: string): string {
  return `see "dueday doctor", end it with "${end}".`;
}

function held({ held: count, held_shown_by: shownBy }: ToldStanding): string | null {
  if (count === null || count === 0) return null;
  const many = count >= HELD_AT_MOST ? `${HELD_AT_MOST} charges or more` : counted(count, 'charge');
  return `${many} ${count === 1 ? 'waits' : 'wait'} for a person: see "${shownBy}".`;
}

function momentText(instant: string | null | undefined): string {
  return typeof instant === 'string' ? `${timeText(instant, 'UTC')} UTC` : 'an unknown time';
}
