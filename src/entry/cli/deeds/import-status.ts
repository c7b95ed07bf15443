import { type ImportView, importStatus } from '../../../flows/imports/import-status.ts';
import { counted, timeText } from '../screen/wording.ts';
import { answer, type House } from '../verb.ts';
import { withContext } from '../with-context.ts';

/** How far each import has come. */
export async function showImports(house: House, options: { readonly json?: boolean }): Promise<void> {
  await withContext(house, async (ctx) => {
    const imports = await importStatus(ctx);
    const zone = ctx.catalog.current.defaults.timeZone;
    answer(house.screen, options, { data: imports }, () =>
      imports.length === 0 ? 'There was no import.' : imports.map((one) => story(one, zone)).join('\n\n'),
    );
  });
}

const LINES: Readonly<Record<string, string>> = {
  unknown: 'tokens to look up',
  good: 'good, not created',
  refused: 'refused',
  created: 'wait for the switch',
  switched: 'billed here',
  left: 'left out',
};

function story(one: ImportView, zone: string): string {
  const counts = Object.entries(one.by_state).filter(([, count]) => count > 0);
  return [
    `${one.file} (${one.id.slice(0, 12)}), ${counted(one.rows, 'line')}, begun ${timeText(one.started_at, zone)} by ${one.by}: ${stateWords(one, zone)}`,
    ...counts.map(([state, count]) => `  ${LINES[state] ?? state}: ${count.toLocaleString('en')}`),
    ...one.whys.slice(0, 20).map(({ count, why }) => `  ${counted(count, 'line')}: ${why}`),
  ].join('\n');
}

/** What is to be done next, and by when. */
function stateWords(one: ImportView, zone: string): string {
  const until =
    one.looked_up_at === null ? '' : `; run on now it would be done about ${timeText(one.looked_up_at, zone)}`;
  switch (one.state) {
    case 'checking':
      return `tokens are being looked up, or were until its command ended: the same command goes on${until}`;
    case 'refused':
      return 'refused, nobody was created: mend the file, or run the same command once the tokens are good';
    case 'checked':
      return 'everything was good; nobody was created';
    case 'creating':
      return 'subscriptions are being created, or were until its command ended: the same command goes on';
    case 'created': {
      const next = one.next_payment_at === null ? '' : `, the first renews ${timeText(one.next_payment_at, zone)}`;
      return (one.by_state.created ?? 0) > 0 ? `created${next}: dueday import switch` : 'done';
    }
  }
}
