import type { CheckedCatalog, Finding } from '../context.ts';
import { CatalogFaults, loadCatalog } from '../infra/catalog-file/catalog-source.ts';
import type { Env } from '../infra/environment/env.ts';

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

/** Addresses that are nobody's (RFC 2606). */
const EXAMPLE = /(^|\.)(example(\.(com|net|org))?|test|invalid)$/;

/** Where customers come back to, if nobody is there: no fault while no money moves. */
export function examineReturnUrls({ catalogFile, xendit }: Env): readonly Finding[] {
  const urls = returnUrlsIn(catalogFile).filter((url) => EXAMPLE.test(URL.parse(url)?.hostname ?? ''));
  if (urls.length === 0) return [];
  const detail = `${urls.join(', ')}: customers come back to an example, where nobody is; set return_urls in the catalog`;
  return [{ what: 'return URLs', ok: xendit?.mode !== 'live', detail }];
}

function returnUrlsIn(file: string): readonly string[] {
  try {
    const { plans } = loadCatalog(file).catalog;
    const urls = [...plans.values()].flatMap(({ returnUrls }) => Object.values(returnUrls ?? {}));
    return [...new Set(urls)];
  } catch {
    // What is wrong with the file is told beside this.
    return [];
  }
}
