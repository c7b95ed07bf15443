import { onTestFinished } from 'vitest';

/** Errors that nobody caught, from now to the end of the test; each of them would have ended the daemon. */
export function uncaughtErrors(): readonly string[] {
  const seen: string[] = [];
  const note = (error: unknown) =>
    void seen.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const kinds = ['uncaughtException', 'unhandledRejection'] as const;
  for (const kind of kinds) process.on(kind, note);
  onTestFinished(() => {
    for (const kind of kinds) process.off(kind, note);
  });
  return seen;
}
