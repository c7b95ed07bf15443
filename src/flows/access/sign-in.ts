import { randomBytes } from 'node:crypto';
import type { Context } from '../../context.ts';
import { sha256 } from '../../infra/ids.ts';
import { type Deed, writeEntry } from '../../infra/tables/access/activity.ts';
import { endSession, type Session, sessionOf, startSession } from '../../infra/tables/access/sessions.ts';
import { storeLink, useLink } from '../../infra/tables/access/sign-in-links.ts';
import { forgetTries, type Patience, takeTry } from '../../infra/tables/access/sign-in-tries.ts';
import { userNamed } from '../../infra/tables/access/users.ts';
import { ownerOf } from './keys.ts';
import { isPassword } from './passwords.ts';
import { asName, isName } from './users.ts';

export type { Session };

/** Who asks to be let in: their address, and the network that it belongs to. */
export type Comer = { readonly address: string; readonly network: string };

/** A key says who it is by itself; `own` answers for the key that is in no table. */
export type Proof =
  | { readonly kind: 'password'; readonly name: string; readonly password: string }
  | { readonly kind: 'key'; readonly key: string; readonly own: (key: string) => boolean };

export type SignedIn =
  | { readonly kind: 'in'; readonly token: string; readonly session: Session }
  | { readonly kind: 'refused' }
  | { readonly kind: 'wait'; readonly seconds: number };

/** A person who mistypes has five tries; whoever guesses has one in a quarter of an hour then. */
const OF_A_NAME = { free: 5, first: 30, most: 900 };
/** Behind a proxy everybody comes from one network: nobody there is kept out for long by another. */
const OF_A_NETWORK = { free: 100, first: 10, most: 60 };

/**
 * Lets somebody in who proves who they are. A wrong name, a wrong password, a user who is disabled and a key of nobody's get the same
 * answer, after the same time.
 */
export async function signIn(ctx: Context, proof: Proof, from: Comer): Promise<SignedIn> {
  const ofName = proof.kind === 'password' ? patience(`name ${asName(proof.name)}`, OF_A_NAME) : null;
  const seconds = await mustWait(ctx, [ofName, patience(`network ${from.network}`, OF_A_NETWORK)]);
  if (seconds > 0) {
    await tell(ctx, 'sign_in_must_wait', from);
    return { kind: 'wait', seconds };
  }
  const session = proof.kind === 'password' ? await byPassword(ctx, proof) : await byKey(ctx, proof);
  if (session === null) {
    await tell(ctx, 'sign_in_refused', from);
    return { kind: 'refused' };
  }
  if (ofName !== null) await forgetTries(ctx.db, ofName.subject);
  return await begin(ctx, session, from);
}

function patience(subject: string, rule: Omit<Patience, 'subject'>): Patience {
  return { subject: sha256(subject), ...rule };
}

/** A name that must wait costs its network no try. */
async function mustWait(ctx: Context, all: readonly (Patience | null)[]): Promise<number> {
  for (const one of all) {
    const seconds = one === null ? 0 : await takeTry(ctx.db, one);
    if (seconds > 0) return seconds;
  }
  return 0;
}

/** What was typed is not kept: it may be a password in the wrong field. */
async function tell(ctx: Context, kind: Deed, { address }: Comer): Promise<void> {
  await writeEntry(ctx.db, { actor: 'unknown', kind, address });
}

async function byPassword(ctx: Context, proof: Extract<Proof, { kind: 'password' }>): Promise<Session | null> {
  const name = asName(proof.name);
  const user = isName(name) ? await userNamed(ctx.db, name) : null;
  if (!(await isPassword(proof.password, user?.password ?? null)) || user === null) return null;
  return { credential: 'user', credentialId: user.id, who: user.name, role: user.role };
}

async function byKey(ctx: Context, { key, own }: Extract<Proof, { kind: 'key' }>): Promise<Session | null> {
  if (own(key)) return { credential: 'own_key', credentialId: sha256(key), who: 'bootstrap key', role: 'admin' };
  const owner = await ownerOf(ctx, key);
  if (owner === null) return null;
  return { credential: 'key', credentialId: owner.id, who: owner.name, role: owner.role };
}

async function begin(ctx: Context, session: Session, { address }: Comer): Promise<SignedIn> {
  const token = randomBytes(32).toString('base64url');
  const entry = { actor: actorOfSession(session), kind: 'sign_in', address, about: session.role } as const;
  await startSession(ctx.db, sha256(token), session, entry);
  return { kind: 'in', token, session };
}

/** A link that signs in once, within a day: what follows the address of the pages. */
export async function makeLink(ctx: Context): Promise<string> {
  const token = randomBytes(24).toString('base64url');
  await storeLink(ctx.db, sha256(token), 'admin');
  return token;
}

/** Lets in whoever has a link that nobody used before. */
export async function signInByLink(ctx: Context, token: string, from: Comer): Promise<SignedIn> {
  const role = await useLink(ctx.db, sha256(token));
  if (role === null) {
    await tell(ctx, 'sign_in_refused', from);
    return { kind: 'refused' };
  }
  return await begin(ctx, { credential: 'link', credentialId: sha256(token), who: 'link of the start', role }, from);
}

/** Whose session this cookie names; null: nobody's, or it is over. `ownKey` is what the bootstrap key is today. */
export async function sessionNamed(ctx: Context, token: string, ownKey: string | null): Promise<Session | null> {
  return await sessionOf(ctx.db, sha256(token), ownKey === null ? '' : sha256(ownKey));
}

export async function signOut(ctx: Context, token: string, session: Session, address: string): Promise<void> {
  await endSession(ctx.db, sha256(token), { actor: actorOfSession(session), kind: 'sign_out', address });
}

/** As what they do is written down. */
export function actorOfSession({ credential, who, role }: Session): string {
  return credential === 'user' ? `user:${who}` : `page:${role}:${who}`;
}
