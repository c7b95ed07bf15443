import type { Daemon } from '../../../context.ts';
import type { WholeChargeView } from '../../../flows/views/list-charges.ts';
import { apiAt } from '../api.ts';
import { chargeStory } from '../charge-story.ts';
import type { Screen } from '../screen/screen.ts';
import { counted } from '../screen/wording.ts';
import { calendar } from './calendar.ts';
import { cast } from './cast.ts';
import { type Newsroom, newsLines, newsroom } from './news.ts';
import { chargesOf, MONTHS, type Play, perform, ZONE } from './play.ts';
import { raisePrice } from './price-rise.ts';
import { type Reckoning, reckon, reckoningText } from './reckoning.ts';
import { stageAt } from './stage.ts';

export type Ending = Reckoning;

/** Plays, tells, and reckons. */
export async function showDemo(daemon: Daemon, screen: Screen, signal: AbortSignal, json: boolean): Promise<Ending> {
  const began = performance.now();
  const print = json ? () => undefined : screen.print;
  const title = (text: string) => print(`\n${screen.paint('bold', text)}\n`);
  const play = await playOf(daemon, signal, { print, title });
  print(
    `dueday bills ${counted(cast.length, 'customer')} for six months. This machine plays everybody: Postgres, Xendit`,
  );
  print('(a stand-in) and the customers. Every webhook comes twice. Time passes by a test clock; the code that bills');
  print('is the one that bills for real.');
  await perform(play);
  title('What became of every cycle');
  print(await calendar(play));
  title("One charge, explained: Budi's in February (dueday charges explain)");
  print(await explained(play));
  title('The books');
  const reckoning = await reckon(play.api, play.stage);
  print(reckoningText(reckoning));
  print(`\nThat was ${counted(MONTHS, 'month')} in ${Math.round((performance.now() - began) / 1000)} seconds.`);
  print('Next: "npx dueday start" runs dueday with the same stand-in; "npx dueday --help" shows what else there is.');
  if (json) screen.print(JSON.stringify(reckoning, null, 2));
  return reckoning;
}

type Telling = { readonly print: (line: string) => void; readonly title: (text: string) => void };

async function playOf(daemon: Daemon, signal: AbortSignal, telling: Telling): Promise<Play> {
  if (daemon.sandboxUrl === null) throw new Error('The demo plays with the sandbox only.');
  const api = apiAt(daemon.url, daemon.madeKey);
  const stage = stageAt(daemon.sandboxUrl);
  await stage.post('webhooks', { duplicate: 1 });
  const { now } = await api.get<{ now: string }>('/v1/test-clock');
  const year = Temporal.Instant.from(now).toZonedDateTimeISO(ZONE).year + 1;
  const told = chronicle(newsroom(api), year, telling);
  return { api, stage, year, players: new Map(), raisePrice: () => raisePrice(daemon.ctx), signal, told };
}

/** Tells what happened, month by month. */
function chronicle(news: Newsroom, year: number, { print, title }: Telling): (now: Temporal.Instant) => Promise<void> {
  let month = 0;
  return async (now) => {
    const local = now.toZonedDateTimeISO(ZONE);
    if (month === 0) title(headingOf(year, ++month));
    for (const item of await news.fresh()) {
      for (const line of newsLines(item)) print(line);
    }
    if (local.month <= month) return;
    print(`And ${news.smooth()}.`);
    month = local.month;
    if (month <= MONTHS) title(headingOf(year, month));
  };
}

function headingOf(year: number, month: number): string {
  return new Temporal.PlainDate(year, month, 1).toLocaleString('en', { month: 'long', year: 'numeric' });
}

async function explained({ api, players }: Play): Promise<string> {
  const player = players.get('Budi');
  const charges = player === undefined ? [] : await chargesOf(api, player.subscriptionId);
  const second = charges.find(({ cycle }) => cycle === 1);
  if (second === undefined) return 'There is no such charge.';
  return chargeStory(await api.get<WholeChargeView>(`/v1/charges/${second.id}`));
}
