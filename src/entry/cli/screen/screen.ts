import { styleText } from 'node:util';
import { type Ask, askOn } from './asking.ts';

export type Style = Parameters<typeof styleText>[0];

/** Where a command prints. Answers go to stdout; progress, warnings and faults to stderr, so that a pipe gets answers only. */
export type Screen = {
  print(line: string): void;
  complain(line: string): void;
  /** Replaces the line that was shown last; only where `live`. */
  redraw(line: string): void;
  /** A terminal that a person watches. */
  readonly live: boolean;
  /** How many letters a line of the terminal takes; null where answers go to no terminal. */
  readonly width: number | null;
  /** Asks the person there; null where there is no terminal to ask on. */
  readonly ask: Ask | null;
  /** Colours for terminals only, and never with NO_COLOR. */
  paint(style: Style, text: string): string;
};

export function processScreen(): Screen {
  const { stdout, stderr } = process;
  // Who closes the pipe early (head, less) has read enough. What is under way still ends in good order.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    print: (line) => void stdout.write(`${straight(line)}\n`),
    complain: (line) => void stderr.write(`${straight(line)}\n`),
    redraw: (line) =>
      void stderr.write(`\r\u001b[2K${straight(line).slice(0, Math.max(20, stderr.columns ?? 80) - 1)}`),
    live: stderr.isTTY && process.env.TERM !== 'dumb',
    // It may be another one for the next answer. A terminal of which nobody knows the size says 0.
    get width() {
      return stdout.isTTY && stdout.columns > 0 ? stdout.columns : null;
    },
    // Looked at only by who asks: what is piped into the others is left alone.
    get ask() {
      return askOn(process.stdin, stdout);
    },
    paint: (style, text) => styleText(style, text, { stream: stdout }),
  };
}

/** What turns the direction of writing would make a line read as another one: it is shown by its number, as JSON may have it. */
export function straight(text: string): string {
  return text.replace(/\p{Bidi_Control}/gu, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
