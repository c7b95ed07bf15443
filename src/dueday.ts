import { readEnv } from './infra/environment/env.ts';
import { startDaemon } from './wire/wire.ts';

/** A daemon inside a program of somebody else's: in the tests of a subscription product, say. */
export type Dueday = {
  readonly url: string;
  /** An admin's key, made for the sandbox; null when the settings bring one, or a key of Xendit. */
  readonly apiKey: string | null;
  /** Where the stand-in for Xendit listens; null with a key of Xendit. */
  readonly sandboxUrl: string | null;
  /** Finishes what is under way, then closes everything. False: something that was under way is not settled. */
  stop(): Promise<boolean>;
};

/**
 * What `dueday start` does, with these settings (named as the variables of the README) in place of the environment.
 * Throws with every fault of the settings at once.
 */
export async function startDueday(settings: Readonly<Record<string, string>> = {}): Promise<Dueday> {
  const { url, madeKey, sandboxUrl, stop } = await startDaemon(readEnv(settings));
  return { url, apiKey: madeKey, sandboxUrl, stop };
}
