import { setTimeout as delay } from 'node:timers/promises';

/** Local waits only; nothing is decided by them. Ends early, without an error, when the signal fires. */
export async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

/** Milliseconds of the monotonic timer: for lengths of time, never for moments. */
export function monotonic(): number {
  return performance.now();
}
