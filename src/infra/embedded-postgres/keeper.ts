import { setTimeout as pause } from 'node:timers/promises';

/** A server on our data that takes connections, whoever runs it. */
export type Running = {
  readonly socketDir: string;
  readonly adopted: boolean;
  /** Whether it is gone, whoever ended it. */
  readonly ended: () => boolean;
  stop(): Promise<void>;
};

type Keeping = {
  /** Starts a server on the same data, behind the same socket, or adopts one that somebody else started meanwhile. */
  readonly startAgain: () => Promise<Running>;
  /** Told of each server that died, and of each new one. */
  readonly tell: (message: string) => void;
  /** Told once, when no server stays up: nobody looks any more. */
  readonly lost: (why: string) => void;
  /** The waits before each start in a row; when they are used up, it is lost. */
  readonly pauses?: readonly number[];
};

const LOOK_MS = 500;
/** About a minute in all: a machine that kills the server for its memory needs moments, whatever needs longer needs a person. */
const PAUSES_MS = [0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000];
/** A server that lived for so long had not died of its start. */
const STEADY_MS = 60_000;

/**
 * Keeps a server running: one that is gone, ours or an adopted one whose process ended, is followed by another on the
 * same data behind the same socket, so that connections find it again. `stop` ends the watch, and the server if it is ours.
 */
export function keeperOf(first: Running, { startAgain, tell, lost, pauses = PAUSES_MS }: Keeping): Running {
  const stopped = new AbortController();
  // The watch alone keeps no process alive.
  const wait = (ms: number) => pause(ms, undefined, { ref: false, signal: stopped.signal }).catch(() => undefined);
  let running = first;
  let since = performance.now();
  let tries = 0;
  const revive = async (): Promise<void> => {
    if (performance.now() - since > STEADY_MS) tries = 0;
    for (let why = 'the server dies soon after each start'; ; ) {
      const ms = pauses[tries];
      if (ms === undefined) return giveUp(why);
      tries += 1;
      await wait(ms);
      if (stopped.signal.aborted) return;
      try {
        running = await startAgain();
        since = performance.now();
        return tell(running.adopted ? 'another process runs the server now' : 'the server was started again');
      } catch (error) {
        why = error instanceof Error ? error.message : 'for no known reason';
        tell(`the server could not be started again: ${why}`);
      }
    }
  };
  const giveUp = (why: string): void => {
    stopped.abort();
    lost(`The embedded Postgres is gone, and ${pauses.length} starts in a row did not bring it back: ${why}`);
  };
  const watch = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await wait(LOOK_MS);
      if (stopped.signal.aborted || !running.ended()) continue;
      tell(running.adopted ? 'the process that ran the server ended' : 'the server died');
      await running.stop();
      await revive();
    }
  };
  const watching = watch();
  return {
    ...first,
    ended: () => running.ended(),
    async stop() {
      stopped.abort();
      await watching;
      await running.stop();
    },
  };
}
