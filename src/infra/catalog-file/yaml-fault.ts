/** The steps from the root to a value: keys, and numbers in lists. */
export type Path = readonly (string | number)[];

/** A place in a text; both count from 1. */
export type Place = { readonly line: number; readonly column: number };

export type YamlFault = Place & { readonly path: Path; readonly message: string };

/** Order of reading. */
export function byPlace(a: Place, b: Place): number {
  return a.line - b.line || a.column - b.column;
}

/** The value at the path; undefined where the path leaves the tree. */
export function valueAt(values: unknown, path: Path): unknown {
  return path.reduce<unknown>((found, step) => {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    return (found as Readonly<Record<string | number, unknown>>)[step];
  }, values);
}
