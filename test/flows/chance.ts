/** Numbers between 0 and 1 that are the same for the same seed, so that what a test found can be found again. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Picks by weight. */
export function drawn<T>(random: () => number, from: readonly (readonly [number, T])[]): T {
  const total = from.reduce((sum, [weight]) => sum + weight, 0);
  let left = random() * total;
  for (const [weight, value] of from) {
    left -= weight;
    if (left < 0) return value;
  }
  throw new Error('There is nothing to draw from.');
}
