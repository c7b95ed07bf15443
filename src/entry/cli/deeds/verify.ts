import { type Checked, checkInvariants } from '../../../flows/books/check-invariants.ts';
import { verifyLedger } from '../../../flows/books/verify-ledger.ts';
import type { Screen } from '../screen/screen.ts';
import { table } from '../screen/table.ts';
import { counted } from '../screen/wording.ts';
import { answer, Failed, type House } from '../verb.ts';
import { withContext } from '../with-context.ts';

/** Walks the ledger, and tells what it finds; throws `Failed` where a chain is broken. */
export async function verify(house: House, options: { readonly json?: boolean }): Promise<void> {
  await withContext(house, async (ctx) => {
    const proof = await verifyLedger(ctx, soFar(house.screen));
    const checked = await checkInvariants(ctx);
    const broken = checked.filter((one) => one.broken > 0);
    const whole = `${proof.entries} ${proof.entries === 1 ? 'entry' : 'entries'} of ${counted(proof.subscriptions, 'subscription')}`;
    const rows = proof.breaks.map((one) => [
      one.subscription_reference,
      one.subscription_id,
      String(one.seq),
      one.entry_id ?? '-',
      one.fault,
    ]);
    const columns = ['subscription', 'its id', 'entry', 'entry id', 'what is wrong'].map((title) => ({ title }));
    const ok = proof.broken === 0 && broken.length === 0;
    answer(house.screen, options, { ok, ...proof, invariants: checked }, () =>
      [
        proof.broken === 0 ? `The ledger is whole: ${whole}.` : table(columns, rows, house.screen.width),
        ...(broken.length === 0 ? [`The books keep their ${checked.length} promises.`] : [breachTable(house, broken)]),
      ].join('\n'),
    );
    if (proof.broken > 0) throw new Failed(`${counted(proof.broken, 'chain')} of the ledger broken, in ${whole}.`);
    if (broken.length > 0)
      throw new Failed(
        `The books break ${counted(broken.length, 'promise')}: ${broken.map(({ invariant }) => invariant).join(', ')}.`,
      );
  });
}

function breachTable(house: House, broken: readonly Checked[]): string {
  const columns = ['promise', 'subscription', 'its id', 'what is wrong'].map((title) => ({ title }));
  const rows = broken.flatMap(({ invariant, first }) =>
    first.map((one) => [invariant, one.subscription_reference ?? '-', one.subscription_id, one.what]),
  );
  return table(columns, rows, house.screen.width);
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
