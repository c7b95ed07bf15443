import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';

// Each test starts a process, which takes long where others have the machine.
vi.setConfig({ testTimeout: 60_000 });

const program = fileURLToPath(new URL('../bin/dueday.js', import.meta.url));

/** Stands before the program and says that this Node is another one. */
const oldNode = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`;

async function runProgram(env: NodeJS.ProcessEnv, ...args: readonly string[]) {
  return await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env } });
}

test('the tests run on Node 26, whatever Node the machine has', () => {
  expect(process.version).toMatch(/^v26\./);
});

test('an older Node is told in a sentence which one is needed and where it comes from, without a stack', async () => {
  const run = runProgram({}, '--import', oldNode, program, '--help');
  await expect(run).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^dueday needs Node 26 or later, and this is Node 20\.20\.2\. .*npm ci.*\n$/),
  });
});

test('what was compiled is kept for the next run, in a directory of this user alone', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'dueday-compiled-'));
  onTestFinished(() => rmSync(cache, { recursive: true, force: true }));
  const { stdout } = await runProgram({ XDG_CACHE_HOME: cache, NODE_COMPILE_CACHE: '' }, program, '--help');
  expect(stdout).toContain('Usage: dueday');
  expect(readdirSync(join(cache, 'dueday'))).toHaveLength(1);
});

/** Stands before the program and tells of each file of drizzle-orm that Node itself looks for. */
const asked = `data:text/javascript,import { registerHooks } from 'node:module';
registerHooks({ resolve(specifier, context, next) {
  if (specifier.startsWith('.') && context.parentURL.includes('/drizzle-orm/')) console.log('asked', specifier);
  return next(specifier, context);
} });`;

test('a start does not read the large package.json of drizzle-orm for each of its files', async () => {
  const env = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
  const run = runProgram(env, '--import', asked, program, 'migrate');
  // It fails since there is no database; by then all that a database needs is loaded.
  await expect(run).rejects.toMatchObject({ stdout: '', stderr: expect.stringContaining('127.0.0.1:1') });
});

/** Stands before the program and, at its end, tells which packages it loaded. */
const packages = `data:text/javascript,import { registerHooks } from 'node:module';
const seen = new Set();
registerHooks({ load(url, context, next) {
  seen.add(url.split('/node_modules/').at(-1).split('/')[0]);
  return next(url, context);
} });
process.on('exit', () => console.error('loaded', [...seen].join(' ')));`;

test.each([
  ['--version', []],
  ['charges --help', []],
  ['arm --help', []],
  ['completion bash', []],
  ['catalog check', ['zod', 'yaml']],
  ['charges list --url http://127.0.0.1:1', ['zod']],
])('"%s" loads commander, what it needs, and nothing of the database', async (words, needed) => {
  const run = runProgram({ NODE_NO_WARNINGS: '1' }, '--import', packages, program, ...words.split(' '));
  const { stderr } = await run.catch((error: { stderr: string }) => error);
  const loaded = stderr.slice(stderr.lastIndexOf('loaded ')).trim().split(' ').slice(1);
  const ours = loaded.filter((name) => !name.includes(':') && name !== 'package.json');
  expect(new Set(ours)).toEqual(new Set(['commander', ...needed]));
});

test('where nothing can be kept, it runs all the same', async () => {
  const { stdout } = await runProgram({ XDG_CACHE_HOME: '/dev/null' }, program, '--version');
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
