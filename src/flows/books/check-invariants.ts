import type { Context } from '../../context.ts';
import { type Breach, breaches, type InvariantName, invariants } from '../../infra/tables/books/invariants.ts';

/** How often a promise is broken; the first of those who break it by name. */
export type Checked = { readonly invariant: InvariantName; readonly broken: number; readonly first: readonly Breach[] };

/** Buckets looked at in one statement: on large books none of them takes long. */
const TOGETHER = 16;
const SHOWN = 100;

/** Counts who breaks what the books promise of themselves (docs/reliability.md, "The books can be checked"). */
export async function checkInvariants(ctx: Context): Promise<readonly Checked[]> {
  const checked: Checked[] = [];
  for (const invariant of Object.keys(invariants) as readonly InvariantName[]) {
    let broken = 0;
    const first: Breach[] = [];
    for (let from = 0; from < ctx.buckets.length && !ctx.stopping.aborted; from += TOGETHER) {
      const found = await breaches(ctx.db, invariant, ctx.buckets.slice(from, from + TOGETHER), SHOWN - first.length);
      broken += found.count;
      first.push(...found.first);
    }
    checked.push({ invariant, broken, first });
  }
  return checked;
}
