import type { Context } from '../../context.ts';
import type { Catalog } from '../../domain/catalog/plan.ts';
import { faultLine, readCatalog } from '../../infra/catalog-file/catalog-file.ts';
import { CatalogFaults, loadCatalog } from '../../infra/catalog-file/catalog-source.ts';
import { versionOfDigest } from '../../infra/tables/catalog/catalog-versions.ts';

/** Where an edit comes from: a file, or a text with the name that its faults are told by. */
export type EditSource = { readonly file: string } | { readonly name: string; readonly text: string };

/** An edit that can be judged: the catalog that it would put in force; `version` is its number where it was stored before. */
export type Edit = { readonly catalog: Catalog; readonly isStored: boolean; readonly warnings: readonly string[] };

/** A number that no stored version has. */
const NOT_STORED = 2 ** 31 - 1;

/** Reads an edit; or every fault of its text, as file:line:column. */
export async function readEdit(
  ctx: Context,
  source: EditSource,
): Promise<Edit | { readonly faults: readonly string[] }> {
  const read = textOf(source, ctx.catalog.current.source);
  if ('faults' in read) return read;
  const version = await versionOfDigest(ctx.db, read.catalog.digest);
  return { ...read, catalog: { ...read.catalog, version: version ?? NOT_STORED }, isStored: version !== null };
}

function textOf(source: EditSource, stored: string) {
  if ('file' in source) {
    try {
      return loadCatalog(source.file, stored);
    } catch (error) {
      if (error instanceof CatalogFaults) return { faults: error.lines };
      throw error;
    }
  }
  const read = readCatalog(source.text, source.name);
  if (!read.ok) return { faults: read.faults.map((fault) => faultLine(source.name, fault)) };
  return { catalog: read.catalog, warnings: read.warnings.map((fault) => faultLine(source.name, fault)) };
}
