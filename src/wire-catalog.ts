import type { CheckedCatalog } from './context.ts';
import { CatalogFaults, loadCatalog } from './infra/config/catalog-source.ts';

/** What is wrong with a catalog file, and what is told of it beside, printable; no faults: it is good. */
export async function checkCatalog(file: string): Promise<CheckedCatalog> {
  try {
    const { catalog, warnings } = loadCatalog(file);
    return { file, plans: catalog.plans.size, faults: [], warnings };
  } catch (error) {
    if (error instanceof CatalogFaults) return { file, plans: 0, faults: error.lines, warnings: error.warnings };
    throw error;
  }
}
