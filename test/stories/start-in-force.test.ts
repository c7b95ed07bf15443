import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readEnv } from '../../src/infra/environment/env.ts';
import { catalogInForce } from '../../src/infra/tables/catalog/catalog-versions.ts';
import { examine } from '../../src/wire/doctor.ts';
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

test('the first daemon puts its catalog in force once it serves: one that finds its port taken changes nothing for those that run', async () => {
  const { url, db } = await testDatabase();
  const port = await freePort();
  const startOn = async (on: number, text: string) =>
    await daemon(
      daemonVariables(url, { CATALOG_FILE: fileWith(text), HOST: '127.0.0.1', PORT: String(on), ...xendit }),
    );
  const taken = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await expect(startOn(port, edited)).rejects.toThrow();
  expect(await catalogInForce(db)).toBeNull();
  await startOn(await freePort(), plain);
  expect((await catalogInForce(db))?.source).toBe(plain);
});

test('an edit is told of and applies nothing where money moves: a start, health and doctor say by which text it is billed', async () => {
  const { url, db } = await testDatabase();
  const file = fileWith(plain);
  const variables = daemonVariables(url, {
    CATALOG_FILE: file,
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
    ...xendit,
  });
  const first = await daemon(variables);
  writeFileSync(file, edited);
  await first.stop();
  const second = await daemon(variables);
  expect((await catalogInForce(db))?.source).toBe(plain);
  const { catalog } = (await (await fetch(`${second.url}/health/ready`)).json()) as { catalog: unknown };
  const why = expect.stringMatching(/another text than version 1 \(\w{12}\), which is in force: dueday catalog diff/);
  expect(catalog).toEqual({ version: 1, differs: true, why });
  const findings = await examine(readEnv(variables), second.url);
  expect(findings.find(({ what }) => what === 'catalog in force')).toMatchObject({ ok: true, detail: why });
});

test('in the sandbox an edit is in force with the next start', async () => {
  const { url, db } = await testDatabase();
  const file = fileWith(plain);
  const variables = daemonVariables(url, { CATALOG_FILE: file, HOST: '127.0.0.1', PORT: String(await freePort()) });
  const first = await daemon(variables);
  writeFileSync(file, edited);
  await first.stop();
  await daemon(variables);
  expect((await catalogInForce(db))?.source).toBe(edited);
});
