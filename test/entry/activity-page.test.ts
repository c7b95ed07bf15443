import { beforeEach, describe, expect, test } from 'vitest';
import { addUser } from '../../src/flows/access/users.ts';
import { writeEntry } from '../../src/infra/tables/access/activity.ts';
import { apiOver } from '../support/api.ts';
import { visitorOf } from '../support/browser-like.ts';
import { links, type Reader, seen, signedIn } from '../support/signed-in.ts';
import { testWorld } from '../support/world.ts';

/* Who signed in, who did what, and why, as the admin is shown it. */

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx } = world;
const { app } = await apiOver(ctx);
let dewi: Reader;
beforeEach(async () => {
  await world.startOver('2026-01-31T02:00:00Z');
  dewi = await signedIn(app, ctx, 'dewi', 'admin');
});

const rows = (text: string) => text.split('<tr role="row">').slice(2).map(seen);
const voided = {
  actor: 'user:rina',
  kind: 'charges/void',
  address: '10.0.0.7',
  about: '/charges/1',
  reason: 'asked <b>twice</b>',
} as const;

describe('activity', () => {
  test('says who did what, about what, from where and why, the newest first', async () => {
    await writeEntry(ctx.db, voided);
    const text = await dewi.page('/activity');
    const [first = '', second = '', third = ''] = rows(text);
    expect(first).toMatch(/user:rinacharges: void\/charges\/1asked <b>twice<\/b>10\.0\.0\.7/);
    expect(second).toContain('Signed in');
    expect(third).toMatch(/cli:testAdded a user.*a command/);
    expect(links(text).map(({ href }) => href)).toContain('/charges/1');
    expect(text).not.toContain('<b>twice');
    expect(seen(text)).toContain('3 entries, newest first. No sign-in was refused.');
  });

  test('counts refused sign-ins, and opens exactly these', async () => {
    const stranger = visitorOf(app);
    for (let turn = 0; turn < 2; turn += 1)
      await stranger.send('/sign-in', '/sign-in', { name: 'nobody', password: 'wrong wrong' });
    const text = await dewi.page('/activity');
    const refused = links(text).find(({ href }) => href.includes('what=sign_in_refused'));
    expect(refused?.text).toBe('2');
    const list = await dewi.page(refused?.href ?? '');
    expect(rows(list)).toHaveLength(2);
    expect(seen(list)).toContain('2 entries');
  });

  test('narrows by person, deed and day, each of which can be taken away', async () => {
    await writeEntry(ctx.db, voided);
    const at = async (query: string) => rows(await dewi.page(`/activity?${query}`));
    expect(await at('who=RINA')).toHaveLength(1);
    expect(await at('what=charges%2Fvoid')).toHaveLength(1);
    expect(await at('who=rina&what=sign_in')).toHaveLength(0);
    expect(await at('from=2026-01-01')).toHaveLength(3);
    expect(await at('from=2001-01-01&to=2001-01-02')).toHaveLength(0);
    expect(await at('who=&what=&from=&to=')).toHaveLength(3);
    const none = await dewi.page('/activity?who=rina&what=sign_in');
    expect(seen(none)).toContain('Nobody did anything that all of this fits.');
    expect(links(none).find(({ text }) => text.startsWith('by rina'))?.href).toBe('/activity?what=sign_in');
    for (const wrong of ['from=31/01/2026', 'from=2026-02-02&to=2026-02-01', 'colour=red'])
      expect([wrong, (await dewi.get(`/activity?${wrong}`)).status]).toEqual([wrong, 400]);
  });

  test('is paged by place: each entry is shown once, also while others come', async () => {
    for (let n = 0; n < 110; n += 1) await writeEntry(ctx.db, { ...voided, about: `/charges/n${n}` });
    const found: string[] = [];
    for (let path = '/activity?what=charges%2Fvoid'; path !== ''; ) {
      const text = await dewi.page(path);
      found.push(...links(text).flatMap(({ href }) => (href.startsWith('/charges/n') ? [href] : [])));
      await writeEntry(ctx.db, { ...voided, about: '/charges/later' });
      path = links(text).find(({ text: said }) => said === 'Next 50')?.href ?? '';
    }
    expect([found.length, new Set(found).size]).toEqual([110, 110]);
    expect(await dewi.get('/activity?after=nonsense&who=rina')).toMatchObject({
      status: 303,
      location: '/activity?who=rina',
    });
  });

  test('leads to the end and back, and every row has its number', async () => {
    for (let n = 0; n < 110; n += 1) await writeEntry(ctx.db, { ...voided, about: `/charges/n${n}` });
    const linkOf = (text: string, name: string) => links(text).find(({ text: said }) => said === name)?.href ?? name;
    const first = await dewi.page('/activity?what=charges%2Fvoid');
    const last = await dewi.page(linkOf(first, 'Last'));
    expect(rows(last)).toHaveLength(10);
    expect(seen(last)).toContain('101 to 110 of 110');
    const middle = await dewi.page(linkOf(last, 'Previous'));
    expect(seen(middle)).toContain('51 to 100 of 110');
    const again = await dewi.page(linkOf(middle, 'Previous'));
    expect(rows(again)).toEqual(rows(first));
    expect(linkOf(again, 'Previous')).toBe('Previous');
    expect(await dewi.page(linkOf(middle, 'First'))).toContain('1 to 50 of 110');
  });

  test('is for the admin alone', async () => {
    const rina = await signedIn(app, ctx, 'rina', 'finance');
    expect((await rina.get('/activity')).status).toBe(403);
    expect(await rina.page('/charges')).not.toContain('href="/activity"');
    expect(await dewi.page('/charges')).toContain('href="/activity"');
    expect((await addUser(ctx, { name: 'rina', role: 'finance', replace: false, actor: 'cli:test' })).kind).toBe(
      'taken',
    );
  });
});
