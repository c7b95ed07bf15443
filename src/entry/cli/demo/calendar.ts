import pMap from 'p-map';
import type { ChargeView, WholeChargeView } from '../../../flows/views/list-charges.ts';
import type { Api } from '../api.ts';
import { type Column, table } from '../screen/table.ts';
import { moneyText } from '../screen/wording.ts';
import { cast } from './cast.ts';
import { chargesOf, MONTHS, type Play, type Player, ZONE } from './play.ts';

type Mark = { readonly sign: string; readonly means: string };

const paid: Mark = { sign: '✓', means: 'paid at the first try' };
const recovered: Mark = { sign: '↻', means: 'paid after some trouble' };
const lost: Mark = { sign: '✗', means: 'given up' };
const skipped: Mark = { sign: '–', means: 'void: paused or canceled' };
const open: Mark = { sign: '?', means: 'still open' };
/** Rows, and charges of each, that are asked for at once: the daemon turns away who asks for more than it has room for. */
const AT_ONCE = { concurrency: 4 };

const marks: readonly Mark[] = [paid, recovered, lost, skipped, open];

/** Customers by months: what became of every cycle. */
export async function calendar({ api, players }: Play): Promise<string> {
  const months = Array.from({ length: MONTHS }, (_, index) => new Temporal.PlainDate(2000, index + 1, 1));
  const titles: readonly Column[] = [
    { title: '' },
    { title: 'plan' },
    ...months.map((month) => ({ title: month.toLocaleString('en', { month: 'short' }) })),
    { title: 'collected', align: 'right' },
    { title: 'what happened' },
  ];
  const present = cast.flatMap(({ name }) => players.get(name) ?? []);
  const rows = await pMap(present, (player) => row(api, player), AT_ONCE);
  return [table(titles, rows, null), '', marks.map(({ sign, means }) => `${sign} ${means}`).join('   ')].join('\n');
}

async function row(api: Api, { person, subscriptionId }: Player): Promise<readonly string[]> {
  const charges = await chargesOf(api, subscriptionId);
  const marked = await pMap(
    charges,
    async (charge) => ({ month: monthOf(charge), mark: await markOf(api, charge) }),
    AT_ONCE,
  );
  const cells = Array.from({ length: MONTHS }, (_, index) =>
    cell(marked.filter(({ month }) => month === index + 1).map(({ mark }) => mark)),
  );
  const collected = charges.reduce((sum, charge) => sum + charge.collected, 0);
  return [person.name, person.plan, ...cells, moneyText(collected, charges[0]?.currency ?? 'IDR'), person.story];
}

function monthOf(charge: ChargeView): number {
  return Temporal.Instant.from(charge.due_at).toZonedDateTimeISO(ZONE).month;
}

/** "✓", "✓4", "✓3✗": each mark once, with how often. */
function cell(given: readonly Mark[]): string {
  return marks
    .map((mark) => ({ mark, count: given.filter((one) => one === mark).length }))
    .filter(({ count }) => count > 0)
    .map(({ mark, count }) => `${mark.sign}${count > 1 ? count : ''}`)
    .join('');
}

async function markOf(api: Api, charge: ChargeView): Promise<Mark> {
  switch (charge.status) {
    case 'paid':
      return (await wasSmooth(api, charge)) ? paid : recovered;
    case 'uncollectible':
      return lost;
    case 'void':
      return skipped;
    default:
      return open;
  }
}

/** One attempt, made when it was due, whose answer came at once; what is for no cycle is paid by hand, when its customer likes. */
async function wasSmooth(api: Api, { id, due_at, kind }: ChargeView): Promise<boolean> {
  const { attempts } = await api.get<WholeChargeView>(`/v1/charges/${id}`);
  const [only, ...more] = attempts;
  if (only === undefined || more.length > 0) return false;
  return kind === 'extra' || (only.sent_at === due_at && only.outcome_at === only.sent_at);
}
