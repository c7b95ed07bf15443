import { Writable } from 'node:stream';
import { expect } from 'vitest';
import { createLogger, type LogLevel } from '../../src/infra/logger.ts';
import { SECRET_KEY } from '../infra/xendit-script.ts';

export const TOKEN = 'pt-1402feb0-bb79-47ae-9d1e-e69394d3949c';
export const CARD = '4000000000001091';
export const EMAIL = 'jane.doe@example.com';
export const BASIC = Buffer.from(`${SECRET_KEY}:`).toString('base64');
const CANARIES = [SECRET_KEY, TOKEN, CARD, EMAIL, BASIC, 'hunter2'];

/** What was written to stdout, line by line, for what was said. */
export async function written(say: (log: ReturnType<typeof createLogger>) => void, level: LogLevel = 'info') {
  const chunks: string[] = [];
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString());
      // Slower than the log, as a pipe is.
      setImmediate(done);
    },
  });
  const log = createLogger(level, out);
  say(log);
  await log.close();
  const text = chunks.join('');
  const lines = text.split('\n').filter((line) => line !== '');
  return { text, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

export function expectNoCanary(text: string): void {
  for (const canary of CANARIES) expect(text).not.toContain(canary);
}
