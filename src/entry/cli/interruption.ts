/** npm hands a Ctrl-C on to a child that has had it from the terminal already: what follows so closely is the same one. */
const SAME_ONE_MS = 250;

/** The first Ctrl-C or SIGTERM asks to end in good order; one more, later, ends at once. Answers how to stop listening. */
export function whenInterrupted(end: () => void): () => void {
  let askedAt: number | null = null;
  const onSignal = (): void => {
    if (askedAt === null) {
      askedAt = performance.now();
      end();
    } else if (performance.now() - askedAt > SAME_ONE_MS) {
      process.exit(1);
    }
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  return () => void process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
}
