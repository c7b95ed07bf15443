import { inject } from 'vitest';

/** How often a drawn life is lived: `few` times where a commit waits for it, and as often as it should be by `npm run test:all`. */
export const runs = (all: number, few: number): number => (inject('isLong') === true ? all : few);

declare module 'vitest' {
  interface ProvidedContext {
    /** Set in the project that is run by `npm run test:all`. */
    isLong?: boolean;
  }
}
