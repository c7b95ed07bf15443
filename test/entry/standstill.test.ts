import { expect, test } from 'vitest';
import { apiAt } from '../../src/entry/cli/api.ts';
import { standstill } from '../../src/entry/cli/standstill.ts';
import type { ToldStanding } from '../../src/entry/http/health.ts';

const goesOn: ToldStanding = {
  charging: 'on',
  reason: null,
  stopped_since: null,
  channels: { CARDS: { state: 'closed', since: null, why: null, waiting: 0 } },
  held: 0,
  held_since: null,
  held_why: {},
  held_shown_by: 'dueday charges list --status held',
  catalog: { version: 1, differs: false, why: null },
  due_charges: 0,
};
const since = '2026-02-03T02:00:00Z';
const open = { state: 'open', since, why: 'an outage', waiting: 3 };

test.each<[string, Partial<ToldStanding>, string | null]>([
  ['all goes on', {}, null],
  [
    'charging is stopped',
    { charging: 'stopped', reason: 'INVALID_API_KEY', stopped_since: since },
    'Nothing is charged since 2026-02-03 02:00 UTC (INVALID_API_KEY): see "dueday doctor", end it with "dueday arm".',
  ],
  [
    'the database is another than the one that was armed',
    { charging: 'disarmed', reason: 'not armed: the database is another' },
    'Nothing is charged (not armed: the database is another): see "dueday doctor", end it with "dueday arm".',
  ],
  [
    'two channels are stopped, one of them by a limit',
    { channels: { ...goesOn.channels, DANA: open, OVO: { ...open, state: 'half_open', why: 'Xendit limits OVO' } } },
    'DANA is stopped since 2026-02-03 02:00 UTC (an outage): see "dueday doctor", end it with "dueday arm --channel DANA". ' +
      'OVO takes only a few charges at a time since 2026-02-03 02:00 UTC (Xendit limits OVO): see "dueday doctor", ' +
      'end it with "dueday arm --channel OVO".',
  ],
  ['two are held', { held: 2 }, '2 charges wait for a person: see "dueday charges list --status held".'],
  [
    'more are held than are counted',
    { held: 1_000 },
    '1000 charges or more wait for a person: see "dueday charges list --status held".',
  ],
  ['nobody knows how many are held', { held: null }, null],
])('a list says in one line that %s', (_, differs, line) => {
  expect(standstill({ ...goesOn, ...differs }, false)).toBe(line);
});

test('a list of what is held does not say once more that something is', () => {
  expect(standstill({ ...goesOn, held: 2 }, true)).toBeNull();
});

test('where nobody tells how charging stands the list is shown all the same', async () => {
  expect(await apiAt('http://127.0.0.1:9', null).standing()).toBeNull();
});
