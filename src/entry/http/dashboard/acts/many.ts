import { z } from 'zod';
import type { Context } from '../../../../context.ts';
import { errorFacts } from '../../../../infra/logger.ts';
import { type By, type Decided, decide } from './decide.ts';
import type { Deed, Subject, Thing } from './thing.ts';

/** What came of each, as it is kept for whoever looks at it again. */
export const resultsSchema = z.object({
  /** "Released 2 of 3 charges." */
  heading: z.string(),
  reason: z.string(),
  rows: z.array(
    z.object({ name: z.string(), path: z.string(), money: z.string(), isDone: z.boolean(), said: z.string() }),
  ),
});
export type Results = z.infer<typeof resultsSchema>;

/** Several things and what is to be done to each. */
type Chosen<S extends Subject> = {
  readonly subjects: readonly S[];
  /** Those to which it cannot be done, and why. */
  readonly left: readonly { readonly subject: S; readonly why: string }[];
  /** What the page of the form showed, by id. */
  readonly seen: ReadonlyMap<string, string>;
  readonly by: By;
};

/** Does it to one after the other: whatever one comes to, the others have their turn, and all of them their result. */
export async function decideMany<S extends Subject>(
  ctx: Context,
  thing: Thing<S>,
  deed: Deed<S>,
  { subjects, left, seen, by }: Chosen<S>,
): Promise<Results> {
  const rows: Results['rows'] = [];
  const run = runOf(ctx);
  for (const subject of subjects)
    rows.push(await decideNext(run, thing, deed, { chosen: subject, seen: seen.get(subject.id), by }));
  rows.push(...left.map(({ subject, why }) => rowOf(subject, why)));
  const done = rows.filter(({ isDone }) => isDone).length;
  const heading = `${deed.past}: ${done} of ${rows.length} ${rows.length === 1 ? thing.one : thing.many}.`;
  return { heading, reason: by.reason, rows };
}

/** One run through the chosen: what it did itself is no news to whoever started it. */
type Run = {
  readonly ctx: Context;
  /** The ids that were made in this run: an entry of the ledger that has one of them is of this run. */
  readonly made: ReadonlySet<string>;
  /** By subscription: what the form showed of it, and the place in the ledger at which this run's last deed began. */
  readonly deeds: Map<string, { readonly shown: string; readonly at: number }>;
};

function runOf(ctx: Context): Run {
  const made = new Set<string>();
  const newId: Context['newId'] = (bucket) => {
    const id = ctx.newId(bucket);
    made.add(id);
    return id;
  };
  return { ctx: { ...ctx, newId }, made, deeds: new Map() };
}

type Next<S> = { readonly chosen: S; readonly seen: string | undefined; readonly by: By };

async function decideNext<S extends Subject>(
  run: Run,
  thing: Thing<S>,
  deed: Deed<S>,
  next: Next<S>,
): Promise<Results['rows'][number]> {
  try {
    return await decided(run, thing, deed, next);
  } catch (error) {
    const { id, path } = next.chosen;
    run.ctx.log.error('one of many was not decided', { about: path, verb: deed.verb, id, ...errorFacts(error) });
    return rowOf(next.chosen, 'A fault of ours, which was logged. Look at its page before you try again.');
  }
}

async function decided<S extends Subject>(
  run: Run,
  thing: Thing<S>,
  deed: Deed<S>,
  { chosen, seen, by }: Next<S>,
): Promise<Results['rows'][number]> {
  const { ctx, deeds } = run;
  const [subject] = await thing.load(ctx, [chosen.id]);
  if (subject === undefined) return rowOf(chosen, `There is no such ${thing.one} any more.`);
  const isOurs = seen !== undefined && seen !== subject.seen && (await isOwnDoing(run, thing, subject, seen));
  const answer = await decide(ctx, thing, deed, { subject, seen: isOurs ? subject.seen : seen, by });
  const { asSeen } = subject;
  if (answer.kind !== 'done') return rowOf(subject, saidOf(answer));
  if (asSeen !== null && seen !== undefined) deeds.set(asSeen.subscription, { shown: seen, at: asSeen.seq });
  return { ...rowOf(subject, deed.done(subject)), isDone: true };
}

/**
 * Two charges of one subscription move one another. Such a move is no news where the form showed both as they stood before this run,
 * and since the run's last deed nothing stands in the ledger but what that wrote: by anybody else, or by the same person elsewhere.
 */
async function isOwnDoing<S extends Subject>(
  { ctx, made, deeds }: Run,
  thing: Thing<S>,
  subject: S,
  seen: string,
): Promise<boolean> {
  const last = subject.asSeen === null ? undefined : deeds.get(subject.asSeen.subscription);
  if (last === undefined || last.shown !== seen) return false;
  const since = await thing.since(ctx, subject, String(last.at));
  return since.every(({ entry }) => made.has(entry));
}

function rowOf({ name, path, money }: Subject, said: string): Results['rows'][number] {
  return { name, path, money: money ?? 'none', isDone: false, said };
}

function saidOf<S extends Subject>(decided: Exclude<Decided<S>, { kind: 'done' }>): string {
  switch (decided.kind) {
    case 'refused':
      return decided.detail;
    case 'invalid':
      return decided.faults.map(({ message }) => message).join(' ');
    case 'moved':
      return `It changed while you decided, and was left as it is: ${decided.since.map(({ words, actor }) => `${words}, by ${actor}`).join('; ')}.`;
  }
}
