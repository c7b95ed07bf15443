import type { FieldFault } from './catalog-faults.ts';
import { type Path, valueAt } from './yaml-fault.ts';

/** The raw values of a catalog, read before anybody knows whether they are right. */

/** A fault of the value at the path. */
export function value(path: Path, message: string): FieldFault {
  return { path, message, about: 'value' };
}

/** What the text says; null for what is no text, or wrong by itself. */
export function read<T extends object | number>(
  parse: (text: string) => T | { readonly fault: string },
  text: unknown,
): T | null {
  if (typeof text !== 'string') return null;
  const result = parse(text);
  return typeof result === 'object' && 'fault' in result ? null : result;
}

export function isMap(values: unknown): values is Readonly<Record<string, unknown>> {
  return typeof values === 'object' && values !== null && !Array.isArray(values);
}

export function entries(values: unknown): readonly (readonly [string, unknown])[] {
  return isMap(values) ? Object.entries(values) : [];
}

export function at(values: unknown, ...path: Path): unknown {
  return valueAt(values, path);
}
