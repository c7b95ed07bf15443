import { createHash } from 'node:crypto';
import type { Context } from '../../../context.ts';
import { ownerOf, type Role } from '../../../flows/access/keys.ts';
import { sameSecret } from '../../../infra/secrets.ts';
import { type Refusals, SLOWED_MS } from '../refusals.ts';
import { networkOf } from './network.ts';
import { Paces } from './pace.ts';

/** `name` as its key was given one; null for the bootstrap key. */
export type Bearer = { readonly role: Role; readonly name: string | null };

/** Who may come in on one listener, and how fast. */
export type Keyring = {
  readonly ctx: Context;
  /** Milliseconds until the turn of a key that was used before; null: it lies too far off. Before anything is asked about it. */
  readonly turn: (secret: string, cost: number) => number | null;
  /** Milliseconds that a refusal takes: whoever guesses is slowed. */
  readonly slowedBy: (address: string) => number;
  /** Whose key this is; null: nobody's. */
  readonly bearerOf: (secret: string, address: string) => Promise<Bearer | null>;
};

/** Of one key. A list costs as much as many a single answer. */
const KEY_PACE = { perSecond: 100, burst: 1_000 };
export const PATIENCE_MS = 2_000;
/** Of keys that nobody has used yet, from an address that guesses: each costs a look into the database. */
const GUESS_PACE = { perSecond: 10, burst: 1 };
/** What `dueday keys create` makes. Anything else is nobody's, and nobody is asked. */
const FORM = /^due_[\w-]{32}$/;
/** Good keys that are remembered, by their hash. Each is looked up at each call all the same, since it may be revoked. */
const MOST_SEEN = 1_000;

export function keyring(ctx: Context, bootstrapKey: string | null, refused: Refusals): Keyring {
  const pace = new Paces(KEY_PACE);
  const guesses = new Paces(GUESS_PACE);
  const seen = new Set<string>();
  const isBootstrap = (secret: string) => bootstrapKey !== null && sameSecret(secret, bootstrapKey);
  return {
    ctx,
    turn(secret, cost) {
      const digest = hashOf(secret);
      if (!seen.has(digest) && !isBootstrap(secret)) return 0;
      return pace.take(digest, ctx.monotonic(), PATIENCE_MS, cost);
    },
    slowedBy: (address) => (refused.isGuessing(address) ? SLOWED_MS : 0),
    async bearerOf(secret, address) {
      if (isBootstrap(secret)) return { role: 'admin', name: null };
      if (!FORM.test(secret)) return null;
      const digest = hashOf(secret);
      if (!seen.has(digest) && refused.isGuessing(address)) {
        const waitMs = guesses.take(networkOf(address), ctx.monotonic(), PATIENCE_MS);
        if (waitMs === null) return null;
        await ctx.sleep(waitMs);
      }
      const owner = await ownerOf(ctx, secret);
      if (owner === null) seen.delete(digest);
      else if (seen.size < MOST_SEEN) seen.add(digest);
      return owner;
    },
  };
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64');
}
