/** How far an import has come. `refused`: a token cannot be charged, and nobody was created. `creating`: from here on it only goes on. */
export const importStates = ['checking', 'refused', 'checked', 'creating', 'created'] as const;
export type ImportState = (typeof importStates)[number];

/**
 * How far a line of it has come. `unknown`: Xendit was not asked about its token yet; `good`: it can be charged. `created`: its
 * subscription waits for the switch; `left`: it is created or switched no more.
 */
export const rowStates = ['unknown', 'good', 'refused', 'created', 'switched', 'left'] as const;
export type RowState = (typeof rowStates)[number];
