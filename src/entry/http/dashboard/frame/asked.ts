import type { FastifyRequest } from 'fastify';
import type { Pace } from '../../../../context.ts';
import { CursorFault } from '../../../../flows/views/cursor.ts';
import { type FieldFault, FieldFaults } from '../../validation.ts';
import type { Typed } from './filter-fields.ts';

/** What a list shows; null for a place that is none of ours, which leads to its first page. */
export async function orFirstPage<T>(list: () => Promise<T>): Promise<T | null> {
  try {
    return await list();
  } catch (error) {
    if (error instanceof CursorFault) return null;
    throw error;
  }
}

/** To count a whole list may take long. */
export function paceOf({ count }: { readonly count?: 'all' | undefined }): Pace {
  return count === 'all' ? 'long' : 'quick';
}

/** What is wrong with an address, field by field; null: nothing. */
export function faultsOf({ validationError: error }: FastifyRequest): readonly FieldFault[] | null {
  if (error === undefined) return null;
  if (error instanceof FieldFaults) return error.faults;
  throw error;
}

/** What an address says, as it was typed. */
export function typedIn({ query }: FastifyRequest): Typed {
  const said = Object.entries(query as Readonly<Record<string, unknown>>);
  return Object.fromEntries(
    said.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])),
  );
}
