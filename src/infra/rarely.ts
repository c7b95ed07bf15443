import type { Facts, Log, LogLevel } from './logger.ts';

const SECOND_MS = 1_000;
/** More causes than this within a second are an attack of its own: they are told of as one. */
const MOST_CAUSES = 100;

type Rarely = {
  /** Says it, unless the same cause was told of within a second: then how often it came is said at the end of that second. */
  say(level: LogLevel, cause: string, event: string, facts?: Facts): void;
};

const known = new WeakMap<Log, Rarely>();

/** A line a second at most for one cause: whoever brings it about a thousand times a second must not fill a disk, or hide the rest. */
export function rarely(log: Log): Rarely {
  if (log.isSparing !== true) return { say: (level, _cause, event, facts) => log[level](event, facts) };
  return known.getOrInsertComputed(log, sparing);
}

function sparing(log: Log): Rarely {
  const told = new Map<string, { facts: Facts; times: number }>();
  const say: Rarely['say'] = (level, cause, event, facts = {}) => {
    const key = told.has(cause) || told.size < MOST_CAUSES ? cause : 'everything else';
    const last = told.get(key);
    if (last !== undefined) {
      last.times += 1;
      last.facts = facts;
      return;
    }
    const begun = { facts, times: 0 };
    told.set(key, begun);
    log[level](event, facts);
    setTimeout(() => {
      told.delete(key);
      if (begun.times > 0) say(level, key, event, { ...begun.facts, times: begun.times });
    }, SECOND_MS).unref();
  };
  return { say };
}
