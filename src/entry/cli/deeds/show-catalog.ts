import { listVersions, showVersion, type VersionView } from '../../../flows/catalog/show-catalog.ts';
import { table } from '../screen/table.ts';
import { answer, Failed, type House, NotUnderstood } from '../verb.ts';
import { withContext } from '../with-context.ts';

export type Listed = { readonly json?: boolean; readonly limit: string };

/** Lists the versions of the catalog. */
export async function showVersions(house: House, options: Listed): Promise<void> {
  const limit = wholeNumber(options.limit, '--limit');
  await withContext(house, async (ctx) => {
    const { data } = await listVersions(ctx, null, limit);
    answer(house.screen, options, { data }, () => (data.length === 0 ? 'There are none.' : rows(house, data)));
  });
}

/** Prints a version as it was stored. */
export async function showText(
  house: House,
  given: string | null,
  options: { readonly json?: boolean },
): Promise<void> {
  const asked = given === null ? null : wholeNumber(given, 'version');
  await withContext(house, async (ctx) => {
    const number = asked ?? ctx.catalog.current.version;
    const version = await showVersion(ctx, number);
    if (version === null)
      throw new Failed(`There is no catalog version ${number}: "dueday catalog versions" lists them.`);
    answer(house.screen, options, version, () => version.source.trimEnd());
  });
}

function rows(house: House, versions: readonly VersionView[]): string {
  const columns = ['version', 'digest', 'in force', 'since', 'by', 'why'].map((title) => ({ title }));
  const cells = versions.map(({ version, digest, in_force, applied }) => {
    const [last] = applied;
    const isNow = in_force ? 'now' : applied.length > 0 ? 'before' : 'never';
    return [String(version), digest.slice(0, 12), isNow, last?.at ?? '-', last?.by ?? '-', last?.reason ?? '-'];
  });
  return table(columns, cells, house.screen.width);
}

function wholeNumber(text: string, name: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new NotUnderstood(`${name}: "${text}" is no whole number from 1.`);
  return Number(text);
}
