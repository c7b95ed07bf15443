import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import type { AccountContext } from '../../src/context.ts';
import { type Imported, importFile } from '../../src/flows/imports/import-file.ts';
import { type SwitchedRow, switchImported } from '../../src/flows/imports/switch-imported.ts';
import { customerId, tokenOf } from './subscriber-file.ts';
import type { World } from './world.ts';

const ACTOR = 'cli:ani';

/** The move from another biller, as tests make it in their world. */
export function importing({ ctx, gateway, ask }: World) {
  return {
    imports: async (
      path: string,
      { dryRun = false, as = ctx }: { dryRun?: boolean; as?: AccountContext } = {},
    ): Promise<Imported> => await importFile(as, { path, actor: ACTOR, dryRun }, () => undefined),
    switches: async (limit: number | null = null, as: AccountContext = ctx): Promise<readonly SwitchedRow[]> =>
      await switchImported(as, { limit, actor: ACTOR }, () => undefined),
    /** Methods that Xendit knows, of the customers with these numbers. */
    known(...numbers: readonly (number | string)[]): void {
      for (const n of numbers) gateway.knows({ tokenId: tokenOf(n), customerId: customerId(n) });
    },
    rows: async () =>
      await ask<{ id: string; reference_id: string; status: string }>(
        sql`select id, reference_id, status from subscriptions order by reference_id`,
      ),
    states: async () =>
      await ask<{ line: number; state: string; why: string | null }>(
        sql`select line, state, why from import_rows order by import_id, line`,
      ),
    /** How often Xendit was asked about each token. */
    counting(): { readonly as: AccountContext; readonly asked: string[] } {
      const asked: string[] = [];
      const token: typeof gateway.token = async (id) => {
        asked.push(id);
        return await gateway.token(id);
      };
      return { as: { ...ctx, gateway: { ...gateway, token } }, asked };
    },
    /** Expects that nobody was created, nor anything that belongs to somebody. */
    async nothingStored(): Promise<void> {
      expect(
        await ask(
          sql`select 1 from subscriptions union all select 1 from customers union all select 1 from tokens union all select 1 from names`,
        ),
      ).toEqual([]);
    },
  };
}
