import type { FastifyInstance } from 'fastify';
import { expect } from 'vitest';
import type { Context } from '../../src/context.ts';
import type { Role } from '../../src/flows/access/keys.ts';
import { addUser } from '../../src/flows/access/users.ts';
import { type Visitor, visitorOf } from './browser-like.ts';

export type Reader = Visitor & {
  /** A page that there is, as its HTML. */
  page(path: string): Promise<string>;
};

/** Somebody of this role, who has signed in to the pages. */
export async function signedIn(app: FastifyInstance, ctx: Context, name: string, role: Role): Promise<Reader> {
  const added = await addUser(ctx, { name, role, replace: false, actor: 'cli:test' });
  const visitor = visitorOf(app);
  await visitor.send('/sign-in', '/sign-in', { name, password: added.kind === 'taken' ? '' : added.password });
  const page = async (path: string) => {
    const { status, text } = await visitor.get(path);
    expect([path, status]).toEqual([path, 200]);
    return text;
  };
  return Object.assign(visitor, { page });
}

const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' };

/** What a reader sees of some HTML: its texts, without what stands in tags. */
export function seen(page: string): string {
  return page.replaceAll(/<[^>]*>/g, '').replaceAll(/&(amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? "'");
}

/** The addresses of all links, each with what it says. */
export function links(page: string): readonly { readonly href: string; readonly text: string }[] {
  return [...page.matchAll(/<a [^>]*?href="([^"]*)"[^>]*>(.*?)<\/a>/gs)].map(([, href = '', text = '']) => ({
    href: seen(href),
    text: seen(text),
  }));
}
