import type { Context } from '../../context.ts';
import {
  keysInUse,
  leftToSeal,
  markRequests,
  type Page,
  requestsToMark,
  resealInbox,
  resealTokens,
  type Seat,
} from '../../infra/tables/methods/resealing.ts';

/** What was sealed anew, and what is left: rows that no key of this process opens. */
export type Sealing = {
  readonly tokens: number;
  readonly webhooks: number;
  readonly requests: number;
  readonly left: number;
};

const PAGE = 500;
/** Bodies are up to 64 KB each. */
const INBOX_PAGE = 100;
const FIRST: Seat = { bucket: -1, id: '00000000-0000-0000-0000-000000000000' };

/**
 * Seals what is stored with the key that seals now: after keys were turned on, and after a new one was put first. In
 * pages while daemons run, and from where it stopped when it is run again. Daemons that have both keys never notice.
 */
export async function sealTokens(ctx: Context, told: (done: number) => void = () => undefined): Promise<Sealing> {
  let done = 0;
  const count = (page: Page) => {
    done += page.done;
    told(done);
  };
  // First: a request gives its payment token up to a row of which it is known that it opens.
  const requests = await eachPage(ctx, (after) => markRequests(ctx.db, after, PAGE), count);
  let [tokens, webhooks] = [0, 0];
  for (const key of await otherKeys(ctx, 'tokens'))
    tokens += await eachPage(ctx, (after) => resealTokens(ctx.db, key, after, PAGE), count);
  for (const key of await otherKeys(ctx, 'inbox'))
    webhooks += await eachPage(ctx, (after) => resealInbox(ctx.db, key, after, INBOX_PAGE), count);
  const sealing = { tokens, webhooks, requests, left: await leftUnsealed(ctx) };
  if (done > 0 || sealing.left > 0) ctx.log.info('payment tokens sealed', { key: ctx.db.vault.sealsWith, ...sealing });
  return sealing;
}

/** How many rows hold a payment token in another way than the key that seals now would leave them. */
export async function leftUnsealed(ctx: Pick<Context, 'db'>): Promise<number> {
  const [requests, tokens, webhooks] = await Promise.all([
    requestsToMark(ctx.db),
    leftToSeal(ctx.db, 'tokens'),
    leftToSeal(ctx.db, 'inbox'),
  ]);
  return requests + tokens + webhooks;
}

async function otherKeys(ctx: Context, table: 'tokens' | 'inbox'): Promise<readonly string[]> {
  return (await keysInUse(ctx.db, table)).filter((key) => key !== ctx.db.vault.sealsWith);
}

async function eachPage(
  ctx: Context,
  work: (after: Seat) => Promise<Page>,
  told: (page: Page) => void,
): Promise<number> {
  let done = 0;
  for (let after = FIRST; !ctx.stopping.aborted; ) {
    const page = await work(after);
    done += page.done;
    told(page);
    if (page.last === null) break;
    after = page.last;
  }
  return done;
}
