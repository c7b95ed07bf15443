import { type Drafted, type DraftInput, draftRepricing } from '../../src/flows/edits/repricing/draft-repricing.ts';
import { repricingStatus } from '../../src/flows/edits/repricing/repricing-status.ts';
import { workRepricings } from '../../src/flows/edits/repricing/work-repricings.ts';
import { listUpcoming } from '../../src/flows/views/upcoming.ts';
import type { World } from './world.ts';

const planText = (id: string, price: number, more = '', interval = '1 month') => `
  ${id}:
    name: ${id}
    price: { amount: ${price}, currency: IDR }
    interval: ${interval}
    ${more}`;

/** A catalog that sells pro for this price, with `price_change: new_only`: whoever has it keeps theirs. */
export const selling = (price: number, more = '', interval = '1 month') => `dunning:
  never: { retry_after: [], window: 1 day, then: cancel }
defaults:
  country: ID
  time_zone: Asia/Jakarta
  return_urls: { success: https://example.com/thanks, cancel: https://example.com/pay }
plans:${planText('pro', price, more, interval)}${planText('max', 300_000)}${planText('tried', price, 'trial: 14 days')}
`;

/** What tests of repricings ask of a world. */
export function repricingsOf({ ctx, onboard, work, charges }: World) {
  const status = async (number: number | null = null) => {
    const shown = await repricingStatus(ctx, { number, state: null, limit: 500 });
    if (shown === null) throw new Error('There is no repricing.');
    return shown;
  };
  const draft = async (toVersion: number, more: Partial<DraftInput> = {}): Promise<Drafted> => {
    const all = { plan: 'pro', filter: [], most: null, isDryRun: false, actor: 'siti', reason: null };
    return await draftRepricing(ctx, { ...all, toVersion, ...more });
  };
  return {
    status,
    draft,
    /** Drafts, and works until nobody waits. */
    async reprice(toVersion: number, more: Partial<DraftInput> = {}) {
      const drafted = await draft(toVersion, more);
      await workRepricings(ctx);
      return drafted;
    },
    /** What became of each by its reference. */
    async became(number: number | null = null): Promise<Readonly<Record<string, string>>> {
      const { data } = await status(number);
      return Object.fromEntries(data.map(({ reference_id, state, why }) => [reference_id, `${state}: ${why}`]));
    },
    async subscribed(reference: string, more = {}, plan = 'pro') {
      const id = await onboard(reference, plan, more);
      await work();
      return id;
    },
    upcoming: async (id: string) =>
      ((await listUpcoming(ctx, id, 3)) ?? []).map(({ cycle, amount }) => `${cycle} ${amount}`),
    charged: async (id: string) =>
      (await charges(id))
        .toSorted((a, b) => (a.cycle ?? 0) - (b.cycle ?? 0))
        .map(({ cycle, amount }) => `${cycle} ${amount}`),
  };
}
