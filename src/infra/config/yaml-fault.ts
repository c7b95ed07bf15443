/** The steps from the root to a value: keys, and numbers in lists. */
export type Path = readonly (string | number)[];

/** A place in a text; both count from 1. */
export type Place = { readonly line: number; readonly column: number };

export type YamlFault = Place & { readonly path: Path; readonly message: string };

/** Order of reading. */
export function byPlace(a: Place, b: Place): number {
  return a.line - b.line || a.column - b.column;
}
