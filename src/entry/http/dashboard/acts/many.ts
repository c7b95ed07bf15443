import { z } from 'zod';
import type { Context } from '../../../../context.ts';
import { actorOfSession } from '../../../../flows/access/sign-in.ts';
import { type By, decide } from './decide.ts';
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

/** Does it to one after the other: whatever one comes to, the others have their turn. */
export async function decideMany<S extends Subject>(
  ctx: Context,
  thing: Thing<S>,
  deed: Deed<S>,
  {
    subjects,
    seen,
    by,
  }: { readonly subjects: readonly S[]; readonly seen: ReadonlyMap<string, string>; readonly by: By },
): Promise<Results> {
  const rows: Results['rows'] = [];
  for (const { id } of subjects) {
    const row = await decideNext(ctx, thing, deed, { id, seen: seen.get(id), by });
    if (row !== null) rows.push(row);
  }
  const done = rows.filter(({ isDone }) => isDone).length;
  const heading = `${deed.past}: ${done} of ${rows.length} ${rows.length === 1 ? thing.one : thing.many}.`;
  return { heading, reason: by.reason, rows };
}

type Next = { readonly id: string; readonly seen: string | undefined; readonly by: By };

async function decideNext<S extends Subject>(
  ctx: Context,
  thing: Thing<S>,
  deed: Deed<S>,
  { id, seen, by }: Next,
): Promise<Results['rows'][number] | null> {
  const [subject] = await thing.load(ctx, [id]);
  if (subject === undefined) return null;
  const isOurs = seen !== undefined && seen !== subject.seen && (await isOwnDoing(ctx, thing, subject, seen, by));
  const decided = await decide(ctx, thing, deed, { subject, seen: isOurs ? subject.seen : seen, by });
  const { name, path, money } = subject;
  return {
    name,
    path,
    money: money ?? 'none',
    isDone: decided.kind === 'done',
    said: saidOf(decided, deed.done(subject)),
  };
}

/** Two charges of one subscription move one another: what whoever decides did themselves meanwhile is no news to them. */
async function isOwnDoing<S extends Subject>(
  ctx: Context,
  thing: Thing<S>,
  subject: S,
  seen: string,
  { session }: By,
): Promise<boolean> {
  const since = await thing.since(ctx, subject, seen);
  return since.length > 0 && since.every(({ actor }) => actor === actorOfSession(session));
}

function saidOf<S extends Subject>(decided: Awaited<ReturnType<typeof decide<S>>>, done: string): string {
  switch (decided.kind) {
    case 'done':
      return done;
    case 'refused':
      return decided.detail;
    case 'invalid':
      return decided.faults.map(({ message }) => message).join(' ');
    case 'moved':
      return `It changed while you decided, and was left as it is: ${decided.since.map(({ words, actor }) => `${words}, by ${actor}`).join('; ')}.`;
  }
}
