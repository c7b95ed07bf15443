import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { SECRET_FILES } from '../src/infra/environment/secret-files.ts';

/*
 * The two ways to run dueday that come with it have one sandbox: who breaks into the process owns no file that runs, gains no
 * right, sees nothing of the machine, and finds no secret in the environment.
 */

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');

/** Each setting of a unit with its values, in order. */
function settingsOf(unit: string): ReadonlyMap<string, readonly string[]> {
  const settings = new Map<string, string[]>();
  for (const [, name = '', value = ''] of unit.matchAll(/^([A-Za-z]+)=(.*)$/gm))
    settings.set(name, [...(settings.get(name) ?? []), value]);
  return settings;
}

const unit = settingsOf(read('deploy/dueday.service'));
const { services, secrets } = parse(read('deploy/compose.yaml')) as {
  readonly services: { readonly dueday: Readonly<Record<string, unknown>> };
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
};
const container = services.dueday;
const manifest = JSON.parse(read('package.json')) as {
  readonly version: string;
  readonly bin: { readonly dueday: string };
};

/** The secrets of every live installation. */
const needed = new Set(SECRET_FILES.filter((name) => name !== 'DUEDAY_WEBHOOK_DATABASE_URL_FILE'));

describe('the systemd unit', () => {
  test.each([
    ['is a user of its own, who can gain nothing', { DynamicUser: 'yes', NoNewPrivileges: 'yes', UMask: '0077' }],
    ['has no capability', { CapabilityBoundingSet: '', AmbientCapabilities: '' }],
    ['writes nowhere', { ProtectSystem: 'strict', ProtectHome: 'yes', PrivateTmp: 'yes' }],
    [
      'sees nothing of the machine',
      {
        PrivateDevices: 'yes',
        PrivateUsers: 'yes',
        ProtectProc: 'invisible',
        ProcSubset: 'pid',
        ProtectHostname: 'yes',
      },
    ],
    [
      'leaves the kernel alone',
      {
        ProtectClock: 'yes',
        ProtectKernelLogs: 'yes',
        ProtectKernelModules: 'yes',
        ProtectKernelTunables: 'yes',
        ProtectControlGroups: 'yes',
        RestrictNamespaces: 'yes',
        RestrictRealtime: 'yes',
        RestrictSUIDSGID: 'yes',
        LockPersonality: 'yes',
        SystemCallArchitectures: 'native',
      },
    ],
    ['talks over the network and sockets alone', { RestrictAddressFamilies: 'AF_INET AF_INET6 AF_UNIX' }],
  ])('%s', (_, wanted) => {
    for (const [name, value] of Object.entries(wanted)) expect(unit.get(name), name).toEqual([value]);
  });

  test('may call what a service calls, and nothing that needs privileges or takes resources', () => {
    expect(unit.get('SystemCallFilter')).toEqual(['@system-service', '~@privileged @resources']);
  });

  test('starts the package, and waits as long as a drain may take', () => {
    expect(unit.get('ExecStart')).toEqual([
      `/usr/bin/node /opt/dueday/node_modules/dueday/${manifest.bin.dueday} start`,
    ]);
    expect(unit.get('TimeoutStopSec')).toEqual(['60']);
    expect(unit.get('Restart')).toEqual(['always']);
  });

  test('has its secrets as credentials, and none as a variable', () => {
    const variables = (unit.get('Environment') ?? []).map((text) => text.split('='));
    const files = variables.filter(([name = '']) => name.endsWith('_FILE') && name !== 'CATALOG_FILE');
    expect(new Set(files.map(([name]) => name))).toEqual(needed);
    const credentials = (unit.get('LoadCredential') ?? []).map((text) => text.split(':')[0]);
    expect(files.map(([, file]) => file)).toEqual(credentials.map((name) => `%d/${name}`));
    expect(variables.filter(([name]) => SECRET_FILES.includes(`${name}_FILE`))).toEqual([]);
    expect(unit.get('EnvironmentFile')).toBeUndefined();
  });
});

describe('the container of deploy/compose.yaml', () => {
  test('has the same sandbox', () => {
    expect(container).toMatchObject({
      user: 'node',
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      tmpfs: ['/tmp:size=16m,mode=1777,noexec,nosuid,nodev'],
      stop_grace_period: '60s',
      restart: 'always',
    });
    for (const opening of ['privileged', 'cap_add', 'network_mode', 'pid', 'ipc', 'userns_mode', 'devices', 'env_file'])
      expect(container).not.toHaveProperty(opening);
    expect(container.volumes).toEqual([expect.objectContaining({ read_only: true })]);
  });

  test('has the same limits', () => {
    expect(container).toMatchObject({ mem_limit: '512m', memswap_limit: '512m', pids_limit: 256 });
    expect([unit.get('MemoryMax'), unit.get('TasksMax')]).toEqual([['512M'], ['256']]);
  });

  test('is reached from this machine only, where a proxy with TLS stands before it', () => {
    expect(container.ports).toEqual(['127.0.0.1:8080:8080']);
  });

  test('has its secrets as files, and none as a variable', () => {
    const variables = container.environment as Readonly<Record<string, string>>;
    const files = Object.entries(variables).filter(([name]) => name.endsWith('_FILE') && name !== 'CATALOG_FILE');
    expect(new Set(files.map(([name]) => name))).toEqual(needed);
    expect(files.map(([, file]) => file)).toEqual(Object.keys(secrets).map((name) => `/run/secrets/${name}`));
    expect(container.secrets).toEqual(Object.keys(secrets));
    expect(Object.keys(variables).filter((name) => SECRET_FILES.includes(`${name}_FILE`))).toEqual([]);
    // A secret beside the file can slip neither into a commit nor into the package or the image.
    expect(read('.gitignore').split('\n')).toContain('deploy/secrets/');
    expect(Object.values(secrets).every(({ file }) => file.startsWith('./secrets/'))).toBe(true);
    expect(read('.dockerignore').split('\n')).toContain('deploy/secrets');
  });

  test('runs this version', () => {
    expect(container.image).toBe(`dueday:${manifest.version}`);
  });
});
