import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';

/** Asks a person, who answers with a line; null when they leave instead (Ctrl-C, Ctrl-D, a terminal that closes). */
export type Ask = (question: string) => Promise<string | null>;

type Terminal<Stream> = Stream & { readonly isTTY?: boolean | undefined };

/** How a person is asked here; null where there is none: questions go to a terminal and come back from it, or are not put. */
export function askOn(input: Terminal<Readable>, output: Terminal<Writable>): Ask | null {
  if (input.isTTY !== true || output.isTTY !== true) return null;
  return async (question) => {
    const lines = createInterface({ input, output });
    // Whoever leaves is never answered by readline itself.
    const left = new Promise<null>((resolve) => void lines.once('close', () => resolve(null)));
    try {
      const said = await Promise.race([lines.question(question).catch(() => null), left]);
      if (said === null) output.write('\n');
      return said;
    } finally {
      lines.close();
    }
  };
}
