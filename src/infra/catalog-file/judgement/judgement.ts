import type { FieldFault } from '../catalog-faults.ts';

/** What is told of a catalog: a fault keeps it from being used, a warning does not. */
export type Judgement = FieldFault & { readonly severity: 'fault' | 'warning' };
