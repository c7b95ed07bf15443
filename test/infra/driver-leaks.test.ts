import { createServer } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { isConnectionFault, openDatabase } from '../../src/infra/database/db.ts';
import { emptyDatabase } from '../support/database.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** AuthenticationOk and ReadyForQuery: a server as it greets. */
const WELCOME = Buffer.from([82, 0, 0, 0, 8, 0, 0, 0, 0, 90, 0, 0, 0, 5, 73]);
const outgoing = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

test('a peer that never ends its side keeps no replaced connection open for ever', async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.write(WELCOME));
    onTestFinished(() => void socket.destroy());
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { readonly port: number }).port));
  });
  onTestFinished(() => void server.close());
  const db = openDatabase({ url: `postgres://x@127.0.0.1:${port}/x`, poolSize: 4, deadlineMs: 200 });
  onTestFinished(() => db.close());
  const before = outgoing();
  for (let round = 0; round < 5; round += 1) {
    const ended = await Promise.allSettled([1, 2, 3, 4].map(() => db.run(sql`select 1`)));
    expect(ended.every((one) => one.status === 'rejected' && isConnectionFault(one.reason))).toBe(true);
  }
  // Both ends are in this process. Theirs lie half open, as planned: what counts is that ours go.
  expect(outgoing() - before).toBeGreaterThan(20);
  await expect.poll(() => outgoing() - before, { timeout: 10_000, interval: 100 }).toBeLessThanOrEqual(20);
});

test('statements that fail leave nothing of themselves in memory', async () => {
  const db = openDatabase({ url: await emptyDatabase(), poolSize: 4 });
  onTestFinished(() => db.close());
  const fail = async (round: number): Promise<void> => {
    const text = Buffer.alloc(50_000, `${round} `).toString();
    const ended = await Promise.allSettled([1, 2, 3, 4].map(() => db.run(sql.raw(`select '${text}' frm 1`))));
    expect(ended.every((one) => one.status === 'rejected')).toBe(true);
  };
  await fail(0);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let round = 1; round <= 200; round += 1) await fail(round);
  collect();
  // With the driver as it comes: 11 MB.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(3_000_000);
});
