import { verifyLedger } from '../../../flows/books/verify-ledger.ts';
import { wholeNumber } from '../plain-number.ts';
import type { Screen } from '../screen/screen.ts';
import { counted } from '../screen/wording.ts';
import { firstEdition } from '../seed/editions.ts';
import { live } from '../seed/live.ts';
import { beginOf, type Seeding, type Span, ZONE } from '../seed/span.ts';
import { townOf } from '../seed/town.ts';
import { answer, type House, NotUnderstood } from '../verb.ts';

/** Makes up a book: people who subscribe, pay and fail to pay, by the flows that bill for real. */
export async function seed({ runtime, screen }: House, options: Seeding): Promise<void> {
  const span = spanOf(options);
  const began = performance.now();
  const town = townOf(span);
  const { ctx, catalogText, close } = await runtime.openToSeed({
    from: beginOf(span),
    script: town.script,
    firstEdition,
  });
  try {
    await live(ctx, span, town, catalogText, soFar(screen, span));
    if (screen.live) screen.redraw('');
    const { entries } = await verifyLedger(ctx, () => undefined);
    const { subscriptions, months } = span;
    const until = span.until.toString({ smallestUnit: 'minute' });
    const seconds = Math.round((performance.now() - began) / 1_000);
    answer(screen, options, { subscriptions, months, until, entries, seconds }, () =>
      [
        `The book has ${counted(subscriptions, 'subscription')} over ${counted(months, 'month')} now, and ${entries} entries in its charge log (${seconds} s).`,
        `The same again: dueday seed --subscriptions ${subscriptions} --months ${months} --until ${until}`,
        'Look at it: dueday start prints a link that signs you in.',
      ].join('\n'),
    );
  } finally {
    await close();
  }
}

function spanOf(options: Seeding): Span {
  const subscriptions = wholeNumber('--subscriptions', options.subscriptions);
  const months = wholeNumber('--months', options.months);
  if (subscriptions < 1 || subscriptions > 20_000) throw new NotUnderstood('--subscriptions: it must be 1 to 20000.');
  if (months < 2 || months > 60) throw new NotUnderstood('--months: it must be 2 to 60.');
  return { subscriptions, months, until: untilOf(options.until) };
}

/** A whole minute, so that it can be written down and said again. */
function untilOf(text: string | undefined): Temporal.Instant {
  const now = Temporal.Now.instant();
  const until = text === undefined ? now : instant(text);
  if (Temporal.Instant.compare(until, now) > 0)
    throw new NotUnderstood('--until: it lies in the future, where a daemon would have nothing to do until then.');
  return until.round({ smallestUnit: 'minute', roundingMode: 'floor' });
}

function instant(text: string): Temporal.Instant {
  try {
    return Temporal.Instant.from(text);
  } catch {
    throw new NotUnderstood(`--until: "${text}" is no instant. Write it like 2026-11-30T05:00:00Z, with its offset.`);
  }
}

/** The day that it has come to, on a terminal. */
function soFar(screen: Screen, span: Span): (now: Temporal.Instant) => void {
  if (!screen.live) return () => undefined;
  return (now) => {
    const day = now.toZonedDateTimeISO(ZONE).toPlainDate().toString();
    screen.redraw(`${day}, ${counted(span.subscriptions, 'subscription')} until ${span.until.toString().slice(0, 10)}`);
  };
}
