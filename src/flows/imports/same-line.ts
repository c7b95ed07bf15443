import type { Context } from '../../context.ts';
import type { ImportedRow } from '../../domain/imports/imported-row.ts';
import type { KnownRow } from '../../infra/tables/imports/import-rows.ts';

/** What is said of a file that somebody wrote anew while it was imported: it is another import. */
export const CHANGED = 'changed while it was imported: begin again with the file as it is now';

/** Whether a line is the one that was written down when its file was checked: what Xendit says of its token is kept with that one alone. */
export function isSameLine({ db }: Context, { referenceId, tokenId }: ImportedRow, known: KnownRow): boolean {
  const { tokenIndex } = known;
  return known.referenceId === referenceId && tokenIndex !== null && db.vault.indexes(tokenId).includes(tokenIndex);
}
