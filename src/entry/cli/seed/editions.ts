import type { Context } from '../../../context.ts';
import { applyCatalog } from '../../../flows/edits/apply-catalog.ts';
import { diffCatalog } from '../../../flows/edits/diff-catalog.ts';
import { ADMIN } from './deeds.ts';

/** What the plans cost at first, and in the file. */
const PRO = ['amount: 140000, currency: IDR', 'amount: 150000, currency: IDR'] as const;
const STUDIO = ['amount: 200000, currency: IDR', 'amount: 230000, currency: IDR'] as const;

/** The plans that a made-up book sells. */
const SOLD = ['pro-monthly', 'starter', 'gym-weekly', 'team-yearly', 'manila-monthly', 'studio'];

/** The first edition: both plans cost less than in the file. */
export function firstEdition(file: string): string {
  const known =
    SOLD.every((plan) => file.includes(`\n  ${plan}:`)) && file.includes(PRO[1]) && file.includes(STUDIO[1]);
  if (!known)
    throw new Error(
      'A made-up book sells what the catalog.yaml of dueday sells, and CATALOG_FILE leads to another one: unset it for this command.',
    );
  return file.replace(PRO[1], PRO[0]).replace(STUDIO[1], STUDIO[0]);
}

/** The second: one of them costs what it costs in the file, for those who come from now on. */
export function secondEdition(file: string): string {
  return file.replace(STUDIO[1], STUDIO[0]);
}

/** The admin looks at what an edit would do, and puts exactly that in force. */
export async function apply(ctx: Context, text: string, reason: string): Promise<void> {
  const source = { name: 'catalog.yaml', text };
  const shown = await diffCatalog(ctx, source);
  if (shown.kind === 'faults') throw new Error(shown.faults.join('\n'));
  const applied = await applyCatalog(ctx, { source, digest: shown.diff.digest, actor: ADMIN, reason });
  if (applied.kind !== 'applied') throw new Error(`The edit was not applied: ${applied.kind}.`);
}
