import type { Context } from '../../context.ts';
import { chainPage, type ProvenRow, withoutEntries } from '../../infra/tables/books/ledger.ts';
import { emptyHead, linkHash } from '../../infra/tables/change/chain.ts';

/** Where the chain of one subscription breaks first. */
export type Break = {
  readonly subscription_id: string;
  readonly subscription_reference: string;
  /** The place of the first bad entry; where entries are missing, the place of the first of them. */
  readonly seq: number;
  readonly entry_id: string | null;
  readonly fault: string;
};

export type Proof = {
  readonly entries: number;
  readonly subscriptions: number;
  /** How many chains are broken; the first of them by name. */
  readonly broken: number;
  readonly breaks: readonly Break[];
};

const PAGE = 2_000;
const SHOWN = 100;

/**
 * Walks every chain of the ledger, from its first entry to the head that its subscription keeps: an entry that was
 * edited, deleted or put in between breaks it there. A page at a time, while daemons write: what they add meanwhile is
 * simply longer. Somebody who may write everything can make a chain anew, with its head: only a copy outside shows that.
 */
export async function verifyLedger(ctx: Context, told: (entries: number) => void = () => undefined): Promise<Proof> {
  const walk = new Walk();
  let after = { bucket: -1, subscriptionId: '00000000-0000-0000-0000-000000000000', seq: 0 };
  while (!ctx.stopping.aborted) {
    const rows = await chainPage(ctx.db, after, PAGE);
    for (const row of rows) walk.step(row);
    told(walk.entries);
    const last = rows.at(-1);
    if (last === undefined) break;
    after = { bucket: last.bucket, subscriptionId: String(last.subscription_id), seq: last.seq };
  }
  walk.leave();
  for (const { id, reference_id } of await withoutEntries(ctx.db, SHOWN)) {
    walk.found({ subscription_id: id, subscription_reference: reference_id, seq: 1, entry_id: null, fault: MISSING });
  }
  return { entries: walk.entries, subscriptions: walk.subscriptions, broken: walk.broken, breaks: walk.breaks };
}

const MISSING = 'all entries are missing';

/** One pass over all chains, remembering the last entry only. */
class Walk {
  entries = 0;
  subscriptions = 0;
  broken = 0;
  readonly breaks: Break[] = [];
  #last: ProvenRow | null = null;
  #isBroken = false;

  step(row: ProvenRow): void {
    if (row.subscription_id !== this.#last?.subscription_id) {
      this.leave();
      this.subscriptions += 1;
      this.#isBroken = false;
    }
    this.entries += 1;
    const [seq, head] = this.#last === null ? [0, emptyHead] : [this.#last.seq, this.#last.hash];
    const fault = faultOf(row, seq, head);
    if (fault !== null) this.#break(row, fault.seq, fault.words);
    this.#last = row;
  }

  /** The chain of the subscription that was walked last must end where the subscription says. */
  leave(): void {
    const row = this.#last;
    this.#last = null;
    if (row === null) return;
    const { told_seq, told_head, seq } = row;
    if (told_seq === null) this.#break(row, seq, 'there is no such subscription');
    else if (told_seq > seq) this.#break({ ...row, entry_id: null }, seq + 1, 'entries are missing at the end');
    else if (told_seq < seq) this.#break(row, told_seq + 1, 'it was added behind the head');
    else if (told_head !== row.hash) this.#break(row, seq, 'it is not the head that the subscription keeps');
  }

  found(one: Break): void {
    this.broken += 1;
    if (this.breaks.length < SHOWN) this.breaks.push(one);
  }

  /** Only the first of a chain: all that follows it is broken too. */
  #break(row: ProvenRow, seq: number, fault: string): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    const { subscription_id, subscription_reference, entry_id } = row;
    this.found({
      subscription_id: String(subscription_id),
      subscription_reference: String(subscription_reference),
      seq,
      entry_id: entry_id === null ? null : String(entry_id),
      fault,
    });
  }
}

function faultOf(row: ProvenRow, seq: number, head: string): { readonly seq: number; readonly words: string } | null {
  if (row.seq !== seq + 1) return { seq: seq + 1, words: `entries are missing before ${row.seq}` };
  if (row.prev_hash !== head) return { seq: row.seq, words: 'it does not follow the entry before it' };
  if (row.hash !== linkHash(head, row.seq, row)) return { seq: row.seq, words: 'it is not as it was written' };
  return null;
}
