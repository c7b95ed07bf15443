import type { Context } from '../../../../context.ts';
import { beginCall, endCall } from '../../../../flows/access/keyed-call.ts';
import { actorOfSession, type Session } from '../../../../flows/access/sign-in.ts';
import { type Act, tellOfAct } from '../../../../flows/access/tell-of-act.ts';
import { MovedMeanwhile } from '../../../../flows/change/as-seen.ts';
import type { Meanwhile } from '../../../../flows/views/acts/meanwhile.ts';
import { errorFacts } from '../../../../infra/logger.ts';
import type { FormFault } from '../frame/form.ts';
import { isId } from '../frame/is-id.ts';
import type { Told } from '../frame/told.ts';
import type { Given } from './asked.ts';
import type { Acted, Deed, Subject, Thing } from './thing.ts';

export type Decided<S extends Subject> =
  | { readonly kind: 'done'; readonly told: Told }
  | { readonly kind: 'refused'; readonly subject: S; readonly detail: string }
  | { readonly kind: 'invalid'; readonly faults: readonly FormFault[] }
  | { readonly kind: 'moved'; readonly subject: S; readonly since: readonly Meanwhile[] };

type Decision<S extends Subject> = {
  readonly subject: S;
  /** What the page of the form showed; undefined: nothing of this one. */
  readonly seen: string | undefined;
  readonly by: By;
};

/** Who decides, from where, why, and what else their form says. */
export type By = {
  readonly session: Session;
  readonly address: string;
  readonly reason: string;
  readonly given: Given;
};

/** Does it to one thing, unless that has moved since its page was looked at. */
export async function decide<S extends Subject>(
  ctx: Context,
  thing: Thing<S>,
  deed: Deed<S>,
  { subject, seen, by }: Decision<S>,
): Promise<Decided<S>> {
  const moved = async (): Promise<Decided<S>> => ({
    kind: 'moved',
    subject,
    since: await thing.since(ctx, subject, seen ?? subject.seen),
  });
  if (seen !== subject.seen) return await moved();
  const { session, address, reason, given } = by;
  const actor = actorOfSession(session);
  const refusal = deed.refusal(subject, actor);
  if (refusal !== null) return { kind: 'refused', subject, detail: refusal };
  const asSeen = { ...ctx, ...(subject.asSeen !== null && { asSeen: subject.asSeen }) };
  let acted: Acted;
  try {
    acted = await deed.act(asSeen, subject, { actor, reason, given });
    if (acted.kind === 'refused') return { kind: 'refused', subject, detail: acted.detail };
    if (acted.kind === 'invalid') return acted;
  } catch (error) {
    if (error instanceof MovedMeanwhile) return await moved();
    throw error;
  }
  const kind = `${thing.many}/${deed.verb}` as const;
  await written(ctx, session, { kind, about: subject.path, reason, address });
  return { kind: 'done', told: toldOf(thing, deed, subject, acted, reason) };
}

/** It is done, and stands in the ledger: whoever did it is not told otherwise because the activity has no line of it. */
async function written(ctx: Context, session: Session, act: Act): Promise<void> {
  try {
    await tellOfAct(ctx, session, act);
  } catch (error) {
    const { kind, about } = act;
    ctx.log.error('an act is missing in the activity', {
      act: kind,
      about,
      actor: actorOfSession(session),
      ...errorFacts(error),
    });
  }
}

function toldOf<S extends Subject>(
  thing: Thing<S>,
  deed: Deed<S>,
  subject: S,
  { said, links = [] }: Extract<Acted, { kind: 'done' }>,
  reason: string,
): Told {
  const { name, money, path, asSeen, reference = name } = subject;
  const entry = asSeen === null ? '' : ` It is entry ${asSeen.seq + 1} of ${reference} in the charge log.`;
  return {
    heading: `${deed.past}: ${[name, money ?? []].flat().join(', ')}.`,
    text: `${said ?? deed.done(subject)}${entry}`,
    reason,
    links: [{ path, name: `The ${thing.one}` }, ...links],
  };
}

export type TakenOnce =
  /** Another send of the same form was answered before. */
  | { readonly kind: 'known'; readonly key: string }
  | { readonly kind: 'at_work' }
  | {
      readonly kind: 'ours';
      readonly key: string;
      /** Does it; what is `kept` is what every other send is answered. Null: nothing was done, and the form may be sent again. */
      readonly once: <T>(work: () => Promise<{ readonly answer: T; readonly kept: object | null }>) => Promise<T>;
    };

/** Of all that are sent with the one-time token of a form, the first is done; the others have its result. */
export async function takeOnce(ctx: Context, caller: string, token: string, path: string): Promise<TakenOnce> {
  const key = isId(token) ? token : ctx.newId(0);
  const begun = await beginCall(ctx, caller, key, path);
  if (begun.kind === 'at_work') return { kind: 'at_work' };
  if (begun.kind !== 'ours') return { kind: 'known', key };
  const { held } = begun;
  return {
    kind: 'ours',
    key,
    async once(work) {
      try {
        const { answer, kept } = await work();
        await endCall(ctx, held, kept === null ? 400 : 303, JSON.stringify(kept));
        return answer;
      } catch (error) {
        await endCall(ctx, held, 500, '');
        throw error;
      }
    },
  };
}
