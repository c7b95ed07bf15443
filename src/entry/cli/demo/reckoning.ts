import { attemptNamed } from '../../../domain/charges/attempt.ts';
import { decimals, isCurrency } from '../../../domain/money/money.ts';
import type { Api, Page } from '../api.ts';
import { table } from '../screen/table.ts';
import { counted, moneyText } from '../screen/wording.ts';
import type { LogEntry } from './news.ts';
import type { Stage, XenditLedger, XenditPayment } from './stage.ts';

export type Total = { readonly currency: string; readonly xendit: number; readonly dueday: number };

/** Xendit's books against ours; `faults` is empty when all is well. */
export type Reckoning = {
  readonly totals: readonly Total[];
  readonly payments: number;
  readonly charges: number;
  readonly faults: readonly string[];
};

/** Compares what the stand-in for Xendit collected with what the charge log says, in total and payment by payment. */
export async function reckon(api: Api, stage: Stage): Promise<Reckoning> {
  const ledger = await stage.get<XenditLedger>('ledger');
  const { data: payments } = await stage.get<Page<XenditPayment>>('payments');
  const { data: log } = await api.get<Page<LogEntry>>('/v1/charge-log');
  const taken = payments.filter(({ status }) => status === 'SUCCEEDED');
  const totals = totalsOf(ledger, log);
  const paidFor = new Map<string, number>();
  for (const { reference_id } of taken)
    paidFor.set(chargeOf(reference_id), (paidFor.get(chargeOf(reference_id)) ?? 0) + 1);
  const faults = [...unequal(totals), ...twice(paidFor), ...strangers(taken, log), ...missing(taken, log)];
  return { totals, payments: taken.length, charges: paidFor.size, faults };
}

function totalsOf(ledger: XenditLedger, log: readonly LogEntry[]): readonly Total[] {
  const moved = log.filter(({ money }) => money !== 0);
  const currencies = new Set([...Object.keys(ledger.collected), ...moved.map(({ currency }) => currency ?? '')]);
  return [...currencies].toSorted().map((currency) => {
    const ours = moved
      .filter((entry) => entry.currency === currency)
      .reduce((sum, { money }) => sum + minor(money, currency), 0n);
    return { currency, xendit: ledger.collected[currency] ?? 0, dueday: Number(ours) / 10 ** places(currency) };
  });
}

function places(currency: string): number {
  return isCurrency(currency) ? decimals(currency) : 2;
}

/** Sums are made in whole minor units: 0.1 + 0.2 is not 0.3. */
function minor(major: number, currency: string): bigint {
  return BigInt(Math.round(major * 10 ** places(currency)));
}

/** What a payment is for: a cycle of a subscription, or something that is asked for once. A reference that is not ours stands for itself. */
function chargeOf(reference: string): string {
  const named = attemptNamed(reference);
  if (named === null) return reference;
  const place = named.cycle === null ? `extra charge ${named.extra}` : `cycle ${named.cycle}`;
  return `${place} of subscription ${named.subscriptionId}`;
}

function unequal(totals: readonly Total[]): readonly string[] {
  return totals
    .filter(({ currency, xendit, dueday }) => minor(xendit, currency) !== minor(dueday, currency))
    .map(
      ({ currency, xendit, dueday }) =>
        `Xendit collected ${moneyText(xendit, currency)}, the charge log says ${moneyText(dueday, currency)}.`,
    );
}

function twice(paidFor: ReadonlyMap<string, number>): readonly string[] {
  return [...paidFor].filter(([, count]) => count > 1).map(([cycle, count]) => `${cycle} was paid ${count} times.`);
}

function strangers(taken: readonly XenditPayment[], log: readonly LogEntry[]): readonly string[] {
  const ours = new Set(log.filter(({ money }) => money > 0).map(({ payment_id }) => payment_id));
  return taken
    .filter(({ payment_id }) => !ours.has(payment_id))
    .map(
      ({ payment_id, reference_id }) =>
        `Xendit holds payment ${payment_id} (${reference_id}), which the charge log does not know.`,
    );
}

function missing(taken: readonly XenditPayment[], log: readonly LogEntry[]): readonly string[] {
  const theirs = new Set(taken.map(({ payment_id }) => payment_id));
  return log
    .filter(({ money, payment_id }) => money > 0 && !theirs.has(payment_id ?? ''))
    .map(({ payment_id }) => `The charge log holds payment ${payment_id}, which Xendit does not know.`);
}

export function reckoningText({ totals, payments, charges, faults }: Reckoning): string {
  const rows = totals.map(({ currency, xendit, dueday }) => [
    currency,
    moneyText(xendit, currency),
    moneyText(dueday, currency),
    minor(xendit, currency) === minor(dueday, currency) ? 'equal' : 'NOT EQUAL',
  ]);
  const columns = [
    { title: '' },
    { title: 'collected by Xendit', align: 'right' as const },
    { title: "dueday's charge log", align: 'right' as const },
    { title: '' },
  ];
  const verdict =
    faults.length === 0
      ? [
          `${counted(payments, 'payment')} at Xendit for ${counted(charges, 'charge')}: each is in the charge log, and none was charged twice.`,
        ]
      : faults;
  return [table(columns, rows, null), '', ...verdict].join('\n');
}
