import type { AccountContext, Context, XenditBooks } from '../../context.ts';
import { windowOf } from '../../domain/books/reconciliation.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import { type EndedSweep, endSweep, keepSweep, takeSweep } from '../../infra/tables/books/sweeps.ts';
import { allAccounts } from '../../infra/tables/charging/accounts.ts';
import { ofAccount } from '../control/of-account.ts';
import { type Compared, compareBooks } from './compare-books.ts';

/** Longer than the longest wait between two groups: ten pages, each of which may have to wait for its turn. */
const LEASE_SECONDS = 900;

/**
 * The daily sweep of each account: compares Xendit's books with ours since the last time, and the days before it once more. Until when
 * it came is state, so a wake-up that is missed loses nothing; one replica does it, and another if that one dies.
 */
export async function sweepBooks(ctx: Context): Promise<void> {
  if (ctx.xenditBooks === null) return;
  for (const account of await allAccounts(ctx.db)) await sweepAccount(ofAccount(ctx, account), ctx.xenditBooks);
}

async function sweepAccount(ctx: AccountContext, books: XenditBooks): Promise<void> {
  const now = await ctx.clock.now();
  const holder = ctx.newId(0);
  const taken = await takeSweep(ctx.db, ctx.account, now, holder, LEASE_SECONDS);
  if (taken === null) return;
  const window = windowOf(now, taken.sweptUntil, books.since);
  if (window === null) {
    await endSweep(ctx.db, ctx.account, holder, { sweptUntil: null, nextAt: now.add({ hours: 1 }), fault: null });
    return;
  }
  const compared = await compareBooks(ctx, window, {
    async goOn() {
      // A sign of life for whoever watches over the run.
      await ctx.clock.now();
      return await keepSweep(ctx.db, ctx.account, holder, LEASE_SECONDS);
    },
    progress: () => undefined,
  });
  tell(ctx, compared);
  await endSweep(ctx.db, ctx.account, holder, endOf(compared, now, window.until));
}

/** Silence is asked again within the hour; what needs a person is tried again the next day. */
function endOf({ fault }: Compared, now: Temporal.Instant, until: Temporal.Instant): EndedSweep {
  switch (fault?.kind) {
    case undefined:
      return { sweptUntil: until, nextAt: now.add({ hours: 24 }), fault: null };
    case 'stopped':
      return { sweptUntil: null, nextAt: now, fault: null };
    case 'silent':
      return { sweptUntil: null, nextAt: now.add({ hours: 1 }), fault: fault?.text ?? null };
    case 'refused':
      return { sweptUntil: null, nextAt: now.add({ hours: 24 }), fault: fault?.text ?? null };
  }
}

function tell(ctx: AccountContext, { tally, fault }: Compared): void {
  const { found, ...counts } = tally;
  const findings = Object.values(found).reduce((sum, count) => sum + count, 0);
  const of = ctx.account === OWN_ACCOUNT ? {} : { account: ctx.account };
  if (fault === null) ctx.log.info('books compared', { ...of, ...counts, findings });
  else if (fault.kind === 'refused') ctx.log.error('books not compared', { ...of, why: fault.text });
  else ctx.log.warn('books not compared to the end', { ...of, why: fault.text, read: tally.read });
}
