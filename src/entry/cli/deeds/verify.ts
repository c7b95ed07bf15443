import { verifyLedger } from '../../../flows/books/verify-ledger.ts';
import type { Screen } from '../screen/screen.ts';
import { table } from '../screen/table.ts';
import { counted } from '../screen/wording.ts';
import { answer, Failed, type House } from '../verb.ts';

/** Walks the ledger, and tells what it finds; throws `Failed` where a chain is broken. */
export async function verify(house: House, options: { readonly json?: boolean }): Promise<void> {
  const { ctx, close } = await house.runtime.openContext();
  try {
    const proof = await verifyLedger(ctx, soFar(house.screen));
    const whole = `${proof.entries} ${proof.entries === 1 ? 'entry' : 'entries'} of ${counted(proof.subscriptions, 'subscription')}`;
    const rows = proof.breaks.map((one) => [
      one.subscription_reference,
      one.subscription_id,
      String(one.seq),
      one.entry_id ?? '-',
      one.fault,
    ]);
    const columns = ['subscription', 'its id', 'entry', 'entry id', 'what is wrong'].map((title) => ({ title }));
    answer(house.screen, options, { ok: proof.broken === 0, ...proof }, () =>
      proof.broken === 0 ? `The ledger is whole: ${whole}.` : table(columns, rows, house.screen.width),
    );
    if (proof.broken > 0) throw new Failed(`${counted(proof.broken, 'chain')} of the ledger broken, in ${whole}.`);
  } finally {
    await close();
  }
}

/** A counter on a terminal; elsewhere a line every hundred thousand entries. */
function soFar(screen: Screen): (entries: number) => void {
  let told = 0;
  return (entries) => {
    const line = `${entries} entries`;
    if (screen.live) return screen.redraw(line);
    if (entries - told < 100_000) return;
    told = entries;
    screen.complain(line);
  };
}
