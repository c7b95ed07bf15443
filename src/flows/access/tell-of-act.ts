import type { Context } from '../../context.ts';
import { writeEntry } from '../../infra/tables/access/activity.ts';
import { actorOfSession, type Session } from './sign-in.ts';

export type Act = {
  /** What was done to what kind of thing: `charges/void`. */
  readonly kind: `${string}/${string}`;
  /** The page of what it was done to. */
  readonly about: string;
  readonly reason: string;
  readonly address: string;
};

/** Writes down what somebody did by a page; the ledger has said it already, with what it did to money. */
export async function tellOfAct(ctx: Context, session: Session, act: Act): Promise<void> {
  await writeEntry(ctx.db, { actor: actorOfSession(session), ...act });
}
