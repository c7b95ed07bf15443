import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { catalogInForce } from '../../src/infra/tables/catalog/catalog-versions.ts';
import { daemon, daemonVariables, freePort } from '../support/daemon.ts';
import { testDatabase } from '../support/database.ts';
import { passingDirectory } from '../support/passing-directory.ts';

const plain = readFileSync(new URL('../fixtures/catalog.yaml', import.meta.url), 'utf8');
const edited = plain.replace('amount: 150000', 'amount: 175000');
const xendit = {
  XENDIT_SECRET_KEY: 'xnd_development_key0of0the0stories',
  XENDIT_API_URL: 'http://127.0.0.1:9',
  XENDIT_WEBHOOK_TOKEN: 'token-of-the-stories',
};

function fileWith(text: string): string {
  const file = join(passingDirectory(), 'catalog.yaml');
  writeFileSync(file, text);
  return file;
}

test('a daemon puts its catalog in force once it serves: one that finds its port taken changes nothing for those that run', async () => {
  const { url, db } = await testDatabase();
  const port = await freePort();
  const startOn = async (on: number, text: string) =>
    await daemon(
      daemonVariables(url, { CATALOG_FILE: fileWith(text), HOST: '127.0.0.1', PORT: String(on), ...xendit }),
    );
  await startOn(await freePort(), plain);
  const before = await catalogInForce(db);
  expect(before?.source).toBe(plain);
  const taken = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await expect(startOn(port, edited)).rejects.toThrow();
  expect(await catalogInForce(db)).toEqual(before);
  await startOn(await freePort(), edited);
  expect((await catalogInForce(db))?.source).toBe(edited);
});
