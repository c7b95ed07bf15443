/** Numbers from 0 to below 1 that are the same for the same seed, so that what a test found can be found again. */
export type Chance = () => number;

/** sfc32, seeded through splitmix32: neighbouring seeds have nothing in common from their first number on. */
export function chance(seed: number): Chance {
  let mixed = seed | 0;
  const split = (): number => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let z = mixed ^ (mixed >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let [a, b, c, counter] = [split(), split(), split(), 1];
  return () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
}

/** Picks by weight. */
export function drawn<T>(random: Chance, from: readonly (readonly [number, T])[]): T {
  const total = from.reduce((sum, [weight]) => sum + weight, 0);
  let left = random() * total;
  for (const [weight, value] of from) {
    left -= weight;
    if (left < 0) return value;
  }
  throw new Error('There is nothing to draw from.');
}

export function oneOf<T>(random: Chance, from: readonly T[]): T {
  return drawn(
    random,
    from.map((value) => [1, value] as const),
  );
}

/** A whole number, both ends included. */
export function between(random: Chance, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** A whole number whose order of magnitude is drawn: as often 1 to 10 as 1,000 to 10,000. */
export function spread(random: Chance, least: number, most: number): number {
  return Math.round(least * (most / least) ** random());
}

export function shuffled<T>(random: Chance, list: readonly T[]): readonly T[] {
  return list
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
