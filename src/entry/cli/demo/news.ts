import type { Api, Page } from '../api.ts';
import { counted, moneyText } from '../screen/wording.ts';
import { ZONE } from './play.ts';

/** A line of the charge log as the API gives it. */
export type LogEntry = {
  readonly entry_id: string;
  readonly at: string;
  readonly kind: string;
  readonly customer_reference: string | null;
  readonly plan: string;
  readonly subscription_id: string;
  readonly charge_id: string | null;
  readonly attempt: number | null;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly money: number;
  readonly outcome: string | null;
  readonly failure_code: string | null;
  readonly payment_id: string | null;
  readonly why: string | null;
};

export type News = { readonly at: Temporal.Instant; readonly who: string; readonly what: string };

export type Newsroom = {
  /** What the charge log has that was not told yet: everything but the smooth. */
  fresh(): Promise<readonly News[]>;
  /** How many charges were paid at the first try since this was asked last; they make no news. */
  smooth(): string;
};

/** Reads the charge log as it grows. */
export function newsroom(api: Api): Newsroom {
  const seen = new Set<string>();
  const troubled = new Set<string>();
  const saved = new Set<string>();
  const renewed = new Set<string>();
  let from: string | undefined;
  let paidAtOnce = 0;
  const tell = (entry: LogEntry): string | null => {
    const text = headline(entry, { troubled, saved, renewed });
    if (entry.kind === 'charge.paid' && text === null) paidAtOnce += 1;
    if (entry.kind === 'attempt.settled' && entry.outcome !== 'succeeded') troubled.add(entry.charge_id ?? '');
    return text;
  };
  return {
    async fresh() {
      const { data } = await api.get<Page<LogEntry>>('/v1/charge-log', { from });
      const entries = data.filter((entry) => !seen.has(entry.entry_id));
      for (const entry of entries) seen.add(entry.entry_id);
      from = data.at(-1)?.at ?? from;
      return entries.flatMap((entry) => {
        const what = tell(entry);
        return what === null
          ? []
          : [{ at: Temporal.Instant.from(entry.at), who: entry.customer_reference ?? '', what }];
      });
    },
    smooth() {
      const text = `${counted(paidAtOnce, 'charge')} paid at the first try`;
      paidAtOnce = 0;
      return text;
    },
  };
}

/** Charges that were not smooth, subscriptions with a method, and those whose new method was not charged yet. */
type Memory = { readonly troubled: ReadonlySet<string>; readonly saved: Set<string>; readonly renewed: Set<string> };

function headline(entry: LogEntry, { troubled, saved, renewed }: Memory): string | null {
  switch (entry.kind) {
    case 'attempt.settled':
      return entry.outcome === 'succeeded' ? null : entry.why;
    case 'charge.paid':
      if (renewed.delete(entry.subscription_id))
        return `Paid with the new one: ${moneyText(entry.money, entry.currency ?? '')}.`;
      return troubled.has(entry.charge_id ?? '')
        ? `Paid after all: ${moneyText(entry.money, entry.currency ?? '')}.`
        : null;
    case 'token.saved': {
      const first = !saved.has(entry.subscription_id);
      saved.add(entry.subscription_id);
      if (!first) renewed.add(entry.subscription_id);
      return first ? null : 'A new payment method is saved.';
    }
    case 'token.ended':
      return entry.failure_code === null ? entry.why : null;
    case 'charge.released':
      return `Due again: ${entry.why ?? 'released by a person'}.`;
    case 'subscription.change_planned':
      return 'Asks for another plan, and is to pay the difference first.';
    case 'subscription.changed':
      if (entry.why?.includes('price_change') === true)
        return `Pays ${moneyText(entry.amount ?? 0, entry.currency ?? '')} from now on.`;
      return `The difference is paid: the plan is ${entry.plan} from now on.`;
    case 'charge.voided':
      return `Not charged: ${entry.why ?? 'void'}.`;
    default:
      return subscriptionNews[entry.kind] ?? null;
  }
}

const subscriptionNews: Readonly<Record<string, string>> = {
  'notice.owed': 'Is to be told of a higher price, and pays the old one until then.',
  'notice.sent': 'Is told of the higher price, by mail.',
  'subscription.consent_given': 'Agrees to the higher price.',
  'subscription.consent_refused': 'Refuses the higher price, and keeps the old one.',
  'subscription.canceled': 'The subscription is canceled.',
  'subscription.cancel_requested': 'Asks to cancel at the end of the period.',
  'subscription.paused': 'Pauses.',
  'subscription.resumed': 'Goes on.',
  'subscription.ended': 'The plan is over: the subscription has ended.',
};

const WIDE = 94;
const PREFIX = 21;

/** "06 Feb 09:00  Budi    what happened", wrapped under itself. */
export function newsLines({ at, who, what }: News): readonly string[] {
  const local = at.toZonedDateTimeISO(ZONE);
  const day = local
    .toLocaleString('en-GB', { day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit' })
    .replace(',', '');
  const [first = '', ...rest] = wrapped(what, WIDE);
  return [`${day}  ${who.padEnd(PREFIX - 14)}  ${first}`, ...rest.map((line) => ' '.repeat(PREFIX + 2) + line)];
}

function wrapped(text: string, wide: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > wide) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
