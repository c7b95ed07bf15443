import { setTimeout as pause } from 'node:timers/promises';

/** A server on our data that takes connections, whoever runs it. */
export type Running = { readonly socketDir: string; readonly adopted: boolean; stop(): Promise<void> };

const LOOK_MS = 500;

/**
 * An adopted server ends with the process that runs it. Whoever needs it still then starts one on the same data, behind
 * the same socket, so that connections find it again; or adopts the one of another heir who was faster. `stop` ends the
 * watch, and the server if it has become ours.
 */
export function heirOf(adopted: Running, isHeld: () => boolean, startAgain: () => Promise<Running>): Running {
  const stopped = new AbortController();
  let running = adopted;
  const watch = async (): Promise<void> => {
    while (running.adopted) {
      // The watch alone keeps no process alive.
      await pause(LOOK_MS, undefined, { ref: false, signal: stopped.signal }).catch(() => undefined);
      if (stopped.signal.aborted) return;
      // What could not be started is tried again: its data may be locked for a moment longer.
      if (!isHeld()) running = await startAgain().catch(() => running);
    }
  };
  const watching = watch();
  return {
    ...adopted,
    async stop() {
      stopped.abort();
      await watching;
      await running.stop();
    },
  };
}
