/** A pause that doubles with each try, from the first to the longest; in minutes. */
export type Pauses = { readonly first: number; readonly longest: number };

/** How long to wait after so many tries that led to nothing: soon at first, then less and less often. */
export function pauseAfter(tries: number, { first, longest }: Pauses): Temporal.Duration {
  return Temporal.Duration.from({ minutes: Math.min(first * 2 ** Math.min(tries, 20), longest) });
}
