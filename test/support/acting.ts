import type { Visitor } from './browser-like.ts';
import { seen } from './signed-in.ts';

type Fields = Readonly<Record<string, string>>;

/** What the hidden fields of a page's form say. */
export function hiddenIn(page: string): Fields {
  return Object.fromEntries(
    [...page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name = '', value = '']) => [
      name,
      seen(value),
    ]),
  );
}

/** The page that shows what would come of what is asked: the first of two forms is sent as it stands, with these fields. */
export async function askedOn(visitor: Visitor, path: string, asked: Fields) {
  const first = await visitor.get(path);
  return await visitor.post(path, { ...hiddenIn(first.text), ...asked });
}

/** Both forms are sent: what is asked, and then why. */
export async function doneOn(visitor: Visitor, path: string, asked: Fields, reason: string) {
  const shown = await askedOn(visitor, path, asked);
  return await visitor.post(path, { ...hiddenIn(shown.text), reason });
}
