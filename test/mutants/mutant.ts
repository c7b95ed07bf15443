import type { Replacement } from './replacement.ts';

/** A wrong design with the promise that then turns red. */
export type Mutant = Replacement & {
  readonly killedBy: { readonly file: string; readonly test: string };
};
