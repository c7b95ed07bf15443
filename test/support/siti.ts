import type { ByPerson } from '../../src/flows/charges/change-charge.ts';

/** The admin who arms here, and says nothing about it. */
export const siti: ByPerson = { actor: 'cli:siti', reason: null };
