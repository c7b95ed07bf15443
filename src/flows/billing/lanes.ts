/**
 * Works on what comes, so many at once. A failure stops everybody from taking more; what was taken is finished, and the
 * first failure is thrown then. Nothing that was taken is left lying: a claimed batch is attempted, come what may.
 */
export async function inLanes<T>(
  coming: AsyncGenerator<T>,
  lanes: number,
  work: (one: T) => Promise<void>,
): Promise<void> {
  let failed = false;
  const lane = async (): Promise<void> => {
    while (!failed) {
      const next = await coming.next();
      if (next.done === true) return;
      await work(next.value);
    }
  };
  const stopOthers = (error: unknown): never => {
    failed = true;
    throw error;
  };
  const ended = await Promise.allSettled(Array.from({ length: lanes }, () => lane().catch(stopOthers)));
  const failure = ended.find((one) => one.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}
