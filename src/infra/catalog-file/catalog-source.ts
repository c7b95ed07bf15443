import { readFileSync } from 'node:fs';
import type { Catalog } from '../../domain/catalog/plan.ts';
import { type CatalogFault, digestOf, faultLine, readCatalog, readStoredCatalog } from './catalog-file.ts';

export class CatalogFaults extends Error {
  override readonly name = 'CatalogFaults';
  readonly lines: readonly string[];
  readonly warnings: readonly string[];

  constructor(file: string, lines: readonly string[], warnings: readonly string[] = []) {
    super(
      `The catalog ${file} has ${lines.length === 1 ? 'a fault' : `${lines.length} faults`}:\n${lines.map((line) => `  ${line}`).join('\n')}`,
    );
    this.lines = lines;
    this.warnings = warnings;
  }
}

/** A catalog with what is told of it, a printable line each. */
export type LoadedCatalog = { readonly catalog: Catalog; readonly warnings: readonly string[] };

/**
 * Reads the catalog file; throws CatalogFaults with its faults, printable. `stored`: the text of the version in force. A
 * file that is this text is no new one: a dueday that judges more strictly than the one before still starts with it.
 */
export function loadCatalog(file: string, stored: string | null = null): LoadedCatalog {
  const source = readText(file);
  const read = readCatalog(source, file);
  const lines = (faults: readonly CatalogFault[]) => faults.map((fault) => faultLine(file, fault));
  if (read.ok) return { catalog: read.catalog, warnings: lines(read.warnings) };
  const known = source === stored ? readStoredCatalog(source, file) : read;
  if (!known.ok) throw new CatalogFaults(file, lines(known.faults), lines(known.warnings));
  return { catalog: known.catalog, warnings: lines([...read.faults, ...read.warnings]) };
}

/** Why the file is not what is in force, in words; null when it is. */
export function whyDiffers(
  file: string,
  { digest, version }: Pick<Catalog, 'digest' | 'version'>,
  appliesItself: boolean,
): string | null {
  try {
    const own = digestOf(readText(file));
    if (own === digest) return null;
    const then = appliesItself
      ? 'it is applied at the next start'
      : 'dueday catalog diff says what applying it would do';
    return `${file} (${own.slice(0, 12)}) is another text than version ${version} (${digest.slice(0, 12)}), which is in force: ${then}`;
  } catch (error) {
    return error instanceof Error ? error.message : `${file} cannot be read`;
  }
}

function readText(file: string): string {
  try {
    return UTF_8.decode(readFileSync(file));
  } catch (error) {
    throw new CatalogFaults(file, [`${file}: ${unreadable(error)}.`]);
  }
}

/** A byte order mark stays: the text is what is stored, and told from another. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function unreadable(error: unknown): string {
  if (error instanceof TypeError) return 'it has bytes that are not UTF-8: save it in UTF-8';
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a directory, and no file' : null;
  return `${why ?? `cannot be read (${String(code)})`}: name another file (CATALOG_FILE), or run where it is`;
}

/** Plans that cost something else than in an older text of the catalog. */
export function changedPrices(olderSource: string, catalog: Catalog): readonly string[] {
  const older = readStoredCatalog(olderSource, 'the catalog before');
  if (!older.ok) return [];
  return [...catalog.plans.values()]
    .filter(({ id, price }) => {
      const was = older.catalog.plans.get(id)?.price;
      return was !== undefined && (was.minor !== price.minor || was.currency !== price.currency);
    })
    .map((plan) => plan.id);
}
