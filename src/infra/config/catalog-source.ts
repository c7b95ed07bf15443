import { readFileSync } from 'node:fs';
import type { Catalog } from '../../domain/plan.ts';
import { faultLine, readCatalog } from './catalog-file.ts';

export class CatalogFaults extends Error {
  override readonly name = 'CatalogFaults';
  readonly lines: readonly string[];

  constructor(file: string, lines: readonly string[]) {
    super(
      `The catalog ${file} has ${lines.length === 1 ? 'a fault' : `${lines.length} faults`}:\n${lines.map((line) => `  ${line}`).join('\n')}`,
    );
    this.lines = lines;
  }
}

/** Reads the catalog file; throws CatalogFaults with every fault, printable. */
export function loadCatalog(file: string): Catalog {
  const source = readText(file);
  const read = readCatalog(source, file);
  if (!read.ok)
    throw new CatalogFaults(
      file,
      read.faults.map((fault) => faultLine(file, fault)),
    );
  return read.catalog;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CatalogFaults(file, [
      `${file}: ${unreadable(error)}: name another file (CATALOG_FILE), or run where it is.`,
    ]);
  }
}

function unreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOENT') return 'there is no such file';
  return code === 'EISDIR' ? 'it is a directory, and no file' : `cannot be read (${String(code)})`;
}

/** Plans that cost something else than in an older text of the catalog. */
export function changedPrices(olderSource: string, catalog: Catalog): readonly string[] {
  const older = readCatalog(olderSource, 'the catalog before');
  if (!older.ok) return [];
  return [...catalog.plans.values()]
    .filter(({ id, price }) => {
      const was = older.catalog.plans.get(id)?.price;
      return was !== undefined && (was.minor !== price.minor || was.currency !== price.currency);
    })
    .map((plan) => plan.id);
}
