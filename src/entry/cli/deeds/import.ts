import { accessSync, constants } from 'node:fs';
import type { Context } from '../../../context.ts';
import type { ImportFault } from '../../../domain/imports/header.ts';
import { type Imported, importFile, type LeftRow } from '../../../flows/imports/import-file.ts';
import { type SwitchedRow, switchImported } from '../../../flows/imports/switch-imported.ts';
import { NoAnswer } from '../../../flows/imports/token-look.ts';
import type { Watch } from '../../../flows/imports/watch.ts';
import { actorHere } from '../actor.ts';
import { wholeNumber } from '../plain-number.ts';
import { progressBar } from '../screen/progress-bar.ts';
import type { Screen } from '../screen/screen.ts';
import { counted, timeText } from '../screen/wording.ts';
import { answer, Failed, type House } from '../verb.ts';
import { withContext } from '../with-context.ts';

export type ImportOptions = { readonly json?: boolean; readonly dryRun?: boolean };
export type SwitchOptions = { readonly json?: boolean; readonly limit?: string };

/** Takes over the subscribers of a file, or says everything that is against it. */
export async function importSubscribers(house: House, path: string, options: ImportOptions): Promise<void> {
  mustBeReadable(path);
  await withContext(house, async (ctx) => {
    mustReachXendit(ctx);
    const watch = watchOn(house.screen, ctx.catalog.current.defaults.timeZone);
    const input = { path, actor: actorHere(), dryRun: options.dryRun ?? false };
    const done = await orLater(importFile(ctx, input, watch), `dueday import ${path}`);
    if (house.screen.live) house.screen.redraw('');
    answer(house.screen, options, done, () => words(path, done));
    if (done.kind === 'faults') throw new Failed(`${path} has ${counted(done.count, 'fault')}: nothing was imported.`);
    if (done.kind === 'refused') throw new Failed('Not every token can be charged: nothing was imported.');
    if (done.kind === 'created' && done.left.length > 0)
      throw new Failed(`${counted(done.left.length, 'line')} left out.`);
  });
}

/** Lets imported subscriptions go on here. */
export async function switchSubscribers(house: House, options: SwitchOptions): Promise<void> {
  const limit = options.limit === undefined ? null : wholeNumber('--limit', options.limit);
  await withContext(house, async (ctx) => {
    mustReachXendit(ctx);
    const zone = ctx.catalog.current.defaults.timeZone;
    const watch = watchOn(house.screen, zone);
    const rows = await orLater(switchImported(ctx, { limit, actor: actorHere() }, watch), 'dueday import switch');
    if (house.screen.live) house.screen.redraw('');
    answer(house.screen, options, { rows }, () => switchWords(rows, zone));
  });
}

/** Who cannot be asked about a token knows none. */
function mustReachXendit({ xenditBooks }: Context): void {
  if (xenditBooks === null)
    throw new Failed(
      'There is no Xendit to ask about tokens: set XENDIT_SECRET_KEY, or run this beside a daemon that lives in the same DUEDAY_DATA_DIR with its sandbox.',
    );
}

function mustBeReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch {
    throw new Failed(`${path} cannot be read.`);
  }
}

/** Where Xendit does not answer, what was done stays done. */
async function orLater<T>(work: Promise<T>, command: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NoAnswer)
      throw new Failed(`${error.message}. What was done stays done: go on with "${command}".`);
    throw error;
  }
}

const STEPS = {
  reading: 'lines read',
  asking: 'tokens looked up',
  creating: 'subscriptions created',
  switching: 'subscriptions looked at',
} as const;

/** Made once: it is asked for with every few lines. */
const countText = new Intl.NumberFormat('en');

function watchOn(screen: Screen, zone: string): Watch {
  const bar = progressBar(screen, (_percent, beside) => beside);
  return ({ step, done, of, until }) => {
    const all = of === null ? '' : ` of ${countText.format(of)}`;
    const when = until === null ? '' : `, done about ${timeText(until.toString(), zone)} ${zone}`;
    bar(of === null ? 0 : done / of, `${countText.format(done)}${all} ${STEPS[step]}${when}`);
  };
}

function words(path: string, done: Imported): string {
  switch (done.kind) {
    case 'faults':
      return done.faults.map((fault) => faultWords(path, fault)).join('\n');
    case 'refused':
      return leftWords(path, done.left, 'payment_token_id ');
    case 'checked':
      return `${path} is good: ${counted(done.rows, 'line')}, each with a method that can be charged. Nobody was created.`;
    case 'under_way':
      return `${path} is good: ${counted(done.rows, 'line')}, of which some are created already. "dueday import ${path}" creates the others.`;
    case 'nothing_to_do':
      return `Nothing to do: ${path} was imported before.`;
    case 'created':
      return [
        ...(done.left.length === 0 ? [] : [leftWords(path, done.left, '')]),
        `${counted(done.rows - done.left.length, 'subscription')} imported, paused. Stop them at the other biller, then begin with a few: dueday import switch --limit 10`,
      ].join('\n');
  }
}

function faultWords(path: string, { line, column, message }: ImportFault): string {
  return column === null ? `${path}:${line} ${message}` : `${path}:${line} ${column} ${message}`;
}

function leftWords(path: string, left: readonly LeftRow[], column: string): string {
  return left.map(({ line, why }) => `${path}:${line} ${column}${why}`).join('\n');
}

function switchWords(rows: readonly SwitchedRow[], zone: string): string {
  if (rows.length === 0) return 'Nothing to do: no imported subscription waits for its switch.';
  const switched = rows.filter(({ became }) => became === 'switch');
  const others = rows.filter(({ became }) => became !== 'switch');
  const nexts = switched.flatMap(({ next_at }) => (next_at === null ? [] : [next_at])).toSorted();
  const next =
    nexts.length === 0 ? '' : ` The first charge of them falls due ${timeText(nexts[0] ?? null, zone)} ${zone}.`;
  return [
    ...others.map(({ file, line, reference, why }) => `${file}:${line} ${reference}: not switched, ${why}`),
    `${counted(switched.length, 'subscription')} switched: nothing was charged.${next}`,
  ].join('\n');
}
