import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { run, runtimeWith } from './cli-stand.ts';

const runtime = runtimeWith({}, () => ({ url: 'http://127.0.0.1:1', apiKey: null }));
const { out: script } = await run(runtime, 'completion', 'bash');

/** What bash offers after these words; the last one is being typed. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const type = `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _dueday; echo "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)('bash', ['-c', type, 'bash', 'dueday', ...words]);
  return stdout.trim().split(' ');
}

describe('completion', () => {
  test('offers the verbs that begin so', async () => {
    expect(await offered('c')).toEqual(['catalog', 'charges', 'clock', 'completion']);
    expect(await offered('charges', 're')).toEqual(['retry', 'refund', 'release']);
  });

  test('offers the options of a verb, and the words that an option takes', async () => {
    expect(await offered('subscriptions', 'cancel', '--r')).toEqual(['--reason']);
    expect(await offered('subscriptions', 'cancel', '--at', '')).toEqual(['now', 'period_end']);
    expect(await offered('completion', 'z')).toEqual(['zsh']);
  });

  test('takes no value of an option for a verb', async () => {
    expect(await offered('keys', 'create', '--name', 'list', '--ro')).toEqual(['--role']);
  });

  test.each(['zsh', 'fish'])('is there for %s, with every verb', async (shell) => {
    const { code, out } = await run(runtime, 'completion', shell);
    expect(code).toBe(0);
    for (const verb of ['keys rotate-tokens', 'log export', 'subscriptions resume']) expect(out).toContain(verb);
  });

  test('for another shell says which ones there are', async () => {
    const { code, err } = await run(runtime, 'completion', 'pwsh');
    expect(code).toBe(2);
    expect(err).toContain('bash, zsh, fish');
  });
});
