import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

/*
 * What is installed is what was reviewed: exact versions, nothing from git or an address, and no script at an install
 * but those that are named.
 */

type Package = { readonly version?: string; readonly hasInstallScript?: true };
type Locked = Package & { readonly resolved?: string; readonly integrity?: string; readonly link?: true };

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  readonly version: string;
  readonly bin: { readonly dueday: string };
  readonly files: readonly string[];
  readonly scripts: { readonly prepare: string };
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly optionalDependencies: Record<string, string>;
  readonly allowScripts: Record<string, boolean>;
};
const lock = JSON.parse(read('package-lock.json')) as { readonly packages: Record<string, Locked> };
const installed = Object.entries(lock.packages).filter(([path]) => path !== '');
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

describe('what is installed', () => {
  test('is pinned to exact versions, which are the ones in the lock file', () => {
    const direct = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    for (const [name, version] of Object.entries(direct)) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
      expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version);
    }
  });

  test('comes from the registry: nothing from git, from an address, a directory or a file', () => {
    expect(installed.length).toBeGreaterThan(100);
    for (const [path, { version, resolved, link }] of installed) {
      expect(version, path).toMatch(/^\d+\.\d+\.\d+/);
      expect(link, path).toBeUndefined();
      if (resolved !== undefined) expect(resolved, path).toMatch(/^https:.*\/-\/[^/]+\.tgz$/);
    }
  });

  test('has a checksum, also what is for another platform', () => {
    expect(
      installed.filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true).map(([path]) => path),
    ).toEqual([]);
  });

  test('runs a script only where allowScripts says so; whatever else has one is refused by name', () => {
    const scripted = new Set(
      installed.filter(([, one]) => one.hasInstallScript === true).map(([path]) => nameOf(path)),
    );
    expect(Object.keys(manifest.allowScripts).sort()).toEqual([...scripted].sort());
    // Postgres' shared libraries are links that its script makes; the package "node" fetches the Node of this platform.
    const allowed = Object.keys(manifest.allowScripts).filter((name) => manifest.allowScripts[name] === true);
    expect(allowed.sort()).toEqual(Object.keys(manifest.optionalDependencies).sort());
  });

  test('is what npm is told to hold us to', () => {
    const settings = read('.npmrc').split('\n');
    for (const line of ['allow-git=none', 'allow-remote=none']) expect(settings).toContain(line);
    // No address of a registry and no token: neither belongs into a checkout.
    expect(read('.npmrc')).not.toMatch(/registry|_auth|:\/\//i);
  });
});

describe('a checkout', () => {
  test('runs the commands as the README has them: npx dueday <command>', { timeout: 60_000 }, async () => {
    const cwd = fileURLToPath(new URL('..', import.meta.url));
    const { stdout } = await promisify(execFile)('npx', ['dueday', '--help'], { cwd });
    expect(stdout).toContain('Usage: dueday');
  });
});

describe('a checkout without its tools', () => {
  test('is refused at its install, with the way out: nobody runs the driver unmended', async () => {
    const install = promisify(execFile)('/bin/sh', ['-c', manifest.scripts.prepare], {
      env: { PATH: '/usr/bin:/bin' },
    });
    await expect(install).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('without --omit=dev') });
  });
});

describe('the container', () => {
  const dockerfile = read('Dockerfile');

  test('runs the Node that is developed with, by its digest, and carries our version', () => {
    const [base, ...stages] = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, from]) => from);
    expect(base).toMatch(new RegExp(`^node:${manifest.optionalDependencies.node}-slim@sha256:[0-9a-f]{64}$`));
    expect(new Set(stages)).toEqual(new Set(['node']));
    expect(dockerfile).toContain(`Version="${manifest.version}"`);
  });

  test('runs the package, as it is packed anywhere', () => {
    expect(dockerfile).toMatch(/^RUN npm pack && /m);
    expect(dockerfile).toMatch(/^COPY --from=package \/app \.\/$/m);
    expect(dockerfile).toContain(`CMD ["node", "${manifest.bin.dueday}", "start"]`);
    const made = [...manifest.files.map((path) => path.split('/')[0] ?? ''), dirname(manifest.bin.dueday)];
    const given = made.filter((name) => !['dist', 'sbom.cdx.json', '!deploy'].includes(name));
    expect(read('.dockerignore').split('\n')).toEqual(expect.arrayContaining(given.map((name) => `!${name}`)));
  });

  test('is not root, and owns nothing that it runs', () => {
    expect([...dockerfile.matchAll(/^USER (\S+)/gm)].map(([, user]) => user)).toEqual(['node']);
    expect(dockerfile).not.toMatch(/--chown|chmod|sudo|^ADD /m);
  });

  test('is given no secret: none is named in it, and only what is listed is sent to the builder', () => {
    expect(dockerfile).not.toMatch(/KEY|TOKEN|SECRET|PASSWORD|DATABASE_URL=|^ARG /m);
    const [first, ...listed] = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(first).toBe('*');
    const sent = listed.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const left = listed.filter((line) => !line.startsWith('!'));
    expect(sent.filter((name) => /env|data|\.git|test/.test(name))).toEqual([]);
    expect(left).toEqual(['deploy/secrets']);
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names]) =>
      (names ?? '').split(' '),
    );
    expect(new Set(copied)).toEqual(new Set(sent));
  });
});
