import type { AccountContext } from '../../context.ts';
import type { DisputesPage, DisputesQuery } from '../../infra/gateway/dispute.ts';
import type { Answer, BooksPage, BooksQuery } from '../../infra/gateway/gateway.ts';
import type { RefundsPage } from '../../infra/gateway/refund.ts';
import { pauseEndpoint } from '../../infra/tables/control/pace.ts';
import { turnToLook } from '../charges/look-up.ts';
import type { Fault } from './comparison.ts';

/** A page of the books, or why there is none. */
type PageOr<Page> = { readonly kind: 'page'; readonly page: Page } | { readonly kind: 'fault'; readonly fault: Fault };
export type Read = PageOr<BooksPage>;

/** Silence in a row after which the books are left for another time. */
const MOST_SILENCES = 5;
const WAIT_MS = 2_000;

/** The payments of Xendit's books, page by page. */
export function readBooks(ctx: AccountContext, query: BooksQuery): AsyncGenerator<Read, void, void> {
  return pagesOf(ctx, (after) => ctx.gateway.books(query, after));
}

/** Their refunds. */
export function readRefunds(ctx: AccountContext, query: BooksQuery): AsyncGenerator<PageOr<RefundsPage>, void, void> {
  return pagesOf(ctx, (after) => ctx.gateway.refunds(query, after));
}

/** The account's disputes; none where it has no list of them. */
export async function* readDisputes(
  ctx: AccountContext,
  query: DisputesQuery,
): AsyncGenerator<PageOr<DisputesPage>, void, void> {
  const absent: Answer<DisputesPage> = { kind: 'ok', value: { disputes: [], unreadable: 0, next: null } };
  yield* pagesOf(ctx, async (after) => {
    const answer = await ctx.gateway.disputes(query, after);
    return answer.kind === 'refused' && answer.status === 404 ? absent : answer;
  });
}

/** Page by page, inside the pace of the look-ups. Ends with the last page, or with why there is none. */
async function* pagesOf<Page extends { readonly next: string | null }>(
  ctx: AccountContext,
  ask: (after: string | null) => Promise<Answer<Page>>,
): AsyncGenerator<PageOr<Page>, void, void> {
  const visited = new Set<string>();
  let after: string | null = null;
  for (let silences = 0; ; ) {
    if (!(await turnToLook(ctx))) return yield faulty('stopped', 'the process is shutting down');
    const answer: Answer<Page> = await ask(after);
    if (answer.kind === 'ok') {
      yield { kind: 'page', page: answer.value };
      const { next } = answer.value;
      if (next === null) return;
      if (visited.has(next)) return yield faulty('silent', 'the pages of Xendit’s list go round in a circle');
      visited.add(next);
      after = next;
      silences = 0;
      continue;
    }
    if (answer.kind === 'refused' && answer.retryAfterSeconds === null) return yield faulty('refused', refusal(answer));
    silences += 1;
    if (silences === MOST_SILENCES) return yield faulty('silent', detailOf(answer));
    if (answer.kind === 'refused') await pauseEndpoint(ctx.db, ctx.account, 'look_ups', answer.retryAfterSeconds ?? 0);
    // A test clock would stand still meanwhile: the sweep is asked again by that clock, within its hour.
    else if (ctx.clock.kind === 'system') await ctx.sleep(WAIT_MS * silences);
  }
}

type Refused = Extract<Answer<unknown>, { kind: 'refused' }>;

function detailOf(answer: Exclude<Answer<unknown>, { kind: 'ok' }>): string {
  return answer.kind === 'silent'
    ? `Xendit did not answer: ${answer.detail}`
    : `Xendit asks to slow down (HTTP ${answer.status} ${answer.code})`;
}

function faulty(kind: Fault['kind'], text: string): { readonly kind: 'fault'; readonly fault: Fault } {
  return { kind: 'fault', fault: { kind, text } };
}

/** Reading the books is a permission of its own: charging works without it. */
function refusal({ status, code, message }: Refused): string {
  const said = `HTTP ${status} ${code}${message === '' ? '' : `: ${message}`}`;
  if (status !== 401 && status !== 403) return `Xendit refuses to show its transactions (${said})`;
  return (
    `Xendit does not let this key read transactions (${said}): give it the permission Transaction: Read in ` +
    'Dashboard > Settings > Developers > API keys. Until then nothing repairs a lost webhook or finds an overpayment.'
  );
}
