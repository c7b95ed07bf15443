import type { Context } from '../../../context.ts';
import { OWN_ACCOUNT } from '../../../domain/control/account.ts';
import { heldText } from '../../../domain/control/readiness.ts';
import { type FindingView, type NotCompared, type Reconciled, reconcile } from '../../../flows/books/reconcile.ts';
import { logRange } from '../../../flows/views/log/charge-log.ts';
import { type Overview, overview } from '../../../flows/views/overview.ts';
import { progressBar } from '../screen/progress-bar.ts';
import type { Screen } from '../screen/screen.ts';
import { counted, moneyText, timeText } from '../screen/wording.ts';
import { answer, Failed, type House, NotUnderstood } from '../verb.ts';
import { withContext } from '../with-context.ts';

export type Reconciling = { readonly from?: string; readonly to?: string; readonly json?: boolean };

/** Compares, and tells; throws `Failed` while findings are open, and where nothing was compared. */
export async function reconcileBooks({ runtime, screen }: House, options: Reconciling): Promise<void> {
  await withContext({ runtime }, async (ctx) => {
    const done = await compare(ctx, options, screen);
    const zone = ctx.catalog.current.defaults.timeZone;
    const standing = await overview(ctx);
    const facts = { ...done, held: standing.held.count, charging: standing.charging };
    answer(screen, options, facts, () => [report(done, zone), ...standsStill(standing)].join('\n'));
    if (done.fault !== null) throw new Failed(`The books were not compared to the end: ${done.fault.text}`);
    if (done.open.length > 0) throw new Failed(`${counted(done.open.length, 'finding')} open.`);
    if (done.from === done.until) throw new Failed(nothingCompared);
    if (done.not_compared.length > 0) throw new Failed('Not all that was asked for was compared: see above.');
  });
}

/** What no comparison of books shows: money that nobody asks for, since a person has to decide first. */
function standsStill({ held, charging, reason, channels }: Overview): readonly string[] {
  const waits = heldText(held);
  const stopped = Object.entries(channels).filter(([, { state }]) => state === 'open');
  return [
    ...(waits === null ? [] : [`Beside this, ${waits}.`]),
    ...(charging === 'stopped' ? [`Charging is stopped: ${reason ?? 'no reason was kept'}; see: dueday doctor`] : []),
    ...stopped.map(([name, { why }]) => `${name} is stopped: ${why ?? 'no reason was kept'}; see: dueday doctor`),
  ];
}

async function compare(ctx: Context, { from, to }: Reconciling, screen: Screen): Promise<Reconciled> {
  const range = logRange(ctx, from, to);
  if ('faults' in range)
    throw new NotUnderstood(range.faults.map(({ field, message }) => `--${field}: ${message}`).join('\n'));
  const bar = progressBar(screen, (percent, beside) => `${beside}, ${percent}% of the time`);
  const done = await reconcile(ctx, OWN_ACCOUNT, range, ({ part, parts, read }) =>
    bar(part / parts, `${counted(read, 'payment')} read`),
  );
  if (screen.live) screen.redraw('');
  if (done === null) throw new Failed(noBooks);
  return done;
}

/** No payments compared are no books that agree. */
const nothingCompared =
  'Nothing was compared. Payments are compared once they are an hour old, and a sandbox ' +
  'remembers none from before it was started.';

const noBooks =
  'There are no books to compare with: set XENDIT_SECRET_KEY, or run this beside a daemon that lives in the same ' +
  'DUEDAY_DATA_DIR with its sandbox.';

function report({ from, until, not_compared: left, tally, open }: Reconciled, zone: string): string {
  const { found, ...counts } = tally;
  const rows: readonly (readonly [string, number])[] = [
    ['read at Xendit', counts.read],
    ['collected by both', counts.matched],
    ['collected, and news to us', counts.settled],
    ['ours, nothing collected', counts.uncollected],
    ['under references of others', counts.foreign],
    ...(counts.unreadable > 0 ? [['not understood', counts.unreadable] as const] : []),
    ...(counts.unanswered > 0 ? [['not answered, for the next time', counts.unanswered] as const] : []),
    ...Object.entries(found)
      .filter(([, count]) => count > 0)
      .map(([kind, count]) => [`found now: ${wording(kind)}`, count] as const),
  ];
  const wide = Math.max(...rows.map(([name]) => name.length));
  return [
    `Payments from ${timeText(from, zone)} to ${timeText(until, zone)}, ${zone}:`,
    ...rows.map(([name, count]) => `  ${name.padEnd(wide)}  ${count.toLocaleString('en')}`),
    ...left.map((part) => notCompared(part, zone)),
    '',
    ...(open.length === 0
      ? [from === until ? 'No finding is open.' : left.length > 0 ? 'What was compared agrees.' : 'The books agree.']
      : open.flatMap((finding) => story(finding, zone))),
  ].join('\n');
}

function notCompared({ from, until, payments, why }: NotCompared, zone: string): string {
  const ours = `${counted(payments, 'payment')} of ours`;
  return `  not compared: ${timeText(from, zone)} to ${timeText(until, zone)}, ${ours}: ${leftOutFor[why]}`;
}

const leftOutFor: Readonly<Record<NotCompared['why'], string>> = {
  forgotten: 'the sandbox was started then, and remembers nothing from before',
  too_young: "payments are compared once they are an hour old, when they show in Xendit's books",
};

function story({ kind, reference, found_at, proposed_refund, why }: FindingView, zone: string): readonly string[] {
  const refund =
    proposed_refund === null
      ? 'none'
      : `${moneyText(proposed_refund.amount, proposed_refund.currency)} of ${proposed_refund.payment_id ?? proposed_refund.payment_request_id ?? 'the payment under this reference'}`;
  return [
    `${wording(kind)}: ${reference}`,
    `  found            ${timeText(found_at, zone)}`,
    `  why              ${why}`,
    `  proposed refund  ${refund}`,
    '',
  ];
}

function wording(kind: string): string {
  return kind.replaceAll('_', ' ').replace('xendit', 'Xendit');
}
