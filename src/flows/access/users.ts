import { randomBytes } from 'node:crypto';
import type { Context } from '../../context.ts';
import { sha256 } from '../../infra/ids.ts';
import type { Role } from '../../infra/tables/access/api-keys.ts';
import { changeUser, listUsers, storeUser, type User, userNamed } from '../../infra/tables/access/users.ts';
import { hashOfPassword, isPassword, LONGEST_PASSWORD, SHORTEST_PASSWORD } from './passwords.ts';

export type { User };

/** It stands in the ledger, on screens and in exports. */
const NAME = /^[\p{Ll}\p{Lo}\p{N}][\p{Ll}\p{Lo}\p{N}._@-]{0,59}$/u;
const PASSWORD_BYTES = 15;

/** As a name is stored: who writes Rina is rina. */
export function asName(text: string): string {
  return text.trim().normalize('NFKC').toLowerCase();
}

/** Whether anybody could be called so; a text that is none need not be looked for. */
export function isName(name: string): boolean {
  return NAME.test(name);
}

export type AddedUser =
  | { readonly kind: 'added' | 'replaced'; readonly name: string; readonly password: string }
  | { readonly kind: 'taken'; readonly name: string };

type Adding = { readonly name: string; readonly role: Role; readonly replace: boolean; readonly actor: string };

/**
 * A person who may sign in, with a password that is shown once. With `replace` somebody who is there gets another password and this
 * role, and every session of theirs ends. Throws when the name could be taken for something else.
 */
export async function addUser(ctx: Context, { name: written, role, replace, actor }: Adding): Promise<AddedUser> {
  const name = asName(written);
  if (!isName(name)) throw new Error('name: 1 to 60 letters, digits and . _ @ -, beginning with a letter or a digit.');
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  const hash = await hashOfPassword(password);
  const told = { actor, address: null, about: `${name}, ${role}` };
  const user = { id: ctx.newId(0), name, role, password: hash };
  if (await storeUser(ctx.db, user, { ...told, kind: 'user_added' })) return { kind: 'added', name, password };
  if (!replace) return { kind: 'taken', name };
  const change = { role, password: hash, disabled: false };
  await changeUser(ctx.db, name, change, { ...told, kind: 'user_replaced' });
  return { kind: 'replaced', name, password };
}

export async function users(ctx: Context): Promise<readonly User[]> {
  return await listUsers(ctx.db);
}

/** Nobody signs in by this name any more, and whoever did is signed out. False: there is no such user. */
export async function disableUser(ctx: Context, written: string, actor: string): Promise<boolean> {
  const name = asName(written);
  const entry = { actor, kind: 'user_disabled', address: null, about: name } as const;
  return await changeUser(ctx.db, name, { disabled: true }, entry);
}

export type NewPassword = {
  readonly name: string;
  readonly current: string;
  readonly next: string;
  readonly address: string;
  /** Of the session in which they do it: it goes on, and all their others end. */
  readonly token: string;
};

export type PasswordFault = { readonly field: 'current' | 'next'; readonly message: string };

/** Gives a person the password that they want; answers what is wrong with it, or null when it is done. */
export async function changePassword(ctx: Context, wanted: NewPassword): Promise<PasswordFault | null> {
  const { name, current, next, address, token } = wanted;
  const user = await userNamed(ctx.db, name);
  if (!(await isPassword(current, user?.password ?? null)))
    return { field: 'current', message: 'This is not your password.' };
  const fault = passwordFault(next, name);
  if (fault !== null) return { field: 'next', message: fault };
  const change = { password: await hashOfPassword(next), keepsSession: sha256(token) };
  await changeUser(ctx.db, name, change, { actor: `user:${name}`, kind: 'password_changed', address, about: name });
  return null;
}

function passwordFault(password: string, name: string): string | null {
  if (password.length < SHORTEST_PASSWORD) return `Write at least ${SHORTEST_PASSWORD} characters.`;
  if (password.length > LONGEST_PASSWORD) return `Write at most ${LONGEST_PASSWORD} characters.`;
  if (new Set(password).size < 5) return 'Write more than a few characters again and again.';
  return password.toLowerCase().includes(name) ? 'Leave your name out of it.' : null;
}
