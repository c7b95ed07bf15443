import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPidFile } from '../../src/infra/embedded-postgres/pid-file.ts';
import { readFacts } from '../../src/infra/environment/run-file.ts';
import { adminKey } from '../support/api.ts';
import { street } from '../support/customer.ts';
import { childDaemon, client, daemonVariables, eventually, freePort } from '../support/daemon.ts';
import { passingDirectory } from '../support/passing-directory.ts';

test('a daemon whose own Postgres was killed has it back, collects, and sends nobody to a variable that is unset', async () => {
  const port = await freePort();
  const directory = passingDirectory();
  const { DATABASE_URL: _, ...own } = daemonVariables('');
  const variables = { ...own, PORT: String(port), DUEDAY_DATA_DIR: directory, LOG_LEVEL: 'info' };
  const child = await childDaemon(variables);
  const url = `http://127.0.0.1:${port}`;
  const api = client(url, adminKey);
  const { subscribe, charges } = street(api, client(readFacts(directory)?.sandboxUrl ?? ''));
  const before = readPidFile(join(directory, 'pg18'))?.pid ?? Number.NaN;
  process.kill(before, 'SIGKILL');
  await eventually(async () => {
    expect(readPidFile(join(directory, 'pg18'))?.pid).not.toBe(before);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });
  // Health may have looked a moment before; a call that meets a connection of the dead server is told to come again.
  let id = '';
  await eventually(async () => {
    id = await subscribe('after-the-crash');
  });
  await eventually(async () => expect((await charges(id))[0]?.status).toBe('paid'));
  expect(child.said()).toContain('the server was started again');
  expect(child.said()).not.toContain('DATABASE_URL');
  child.process.kill('SIGTERM');
  expect((await child.exit).code).toBe(0);
});
