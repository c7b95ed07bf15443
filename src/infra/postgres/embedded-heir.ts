/** A server on our data that takes connections, whoever runs it. */
export type Running = { readonly socketDir: string; readonly adopted: boolean; stop(): Promise<void> };

const LOOK_MS = 500;

/**
 * An adopted server ends with the process that runs it. Whoever needs it still then starts one on the same data, behind
 * the same socket, so that connections find it again; or adopts the one of another heir who was faster. `stop` ends the
 * watch, and the server if it has become ours.
 */
export function heirOf(adopted: Running, isHeld: () => boolean, startAgain: () => Promise<Running>): Running {
  let running = adopted;
  let wanted = true;
  let look = Promise.resolve();
  const next = (): NodeJS.Timeout => setTimeout(() => (look = inherit()), LOOK_MS).unref();
  let timer = next();
  const inherit = async (): Promise<void> => {
    // What could not be started is tried again: its data may be locked for a moment longer.
    if (!isHeld()) running = await startAgain().catch(() => running);
    if (wanted && running.adopted) timer = next();
  };
  return {
    ...adopted,
    async stop() {
      wanted = false;
      clearTimeout(timer);
      await look;
      await running.stop();
    },
  };
}
