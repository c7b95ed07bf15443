import { beforeEach, expect, test } from 'vitest';
import type { ChangeBody } from '../../src/flows/subscriptions/changing/asked-change.ts';
import { changeTerms } from '../../src/flows/subscriptions/changing/change-terms.ts';
import { previewChange } from '../../src/flows/subscriptions/changing/preview-change.ts';
import { changePreviewView } from '../../src/flows/views/change-view.ts';
import { listUpcoming } from '../../src/flows/views/upcoming.ts';
import { catalog } from '../support/random-books.ts';
import { testWorld } from '../support/world.ts';

const START = '2026-11-20T03:00:00Z';
const world = await testWorld({ at: START, catalog });
const { ctx } = world;
beforeEach(() => world.startOver(START));

test.each([
  ['TENTH', { plan: 'bare', when: '2027-01-05' }],
  ['FIXED', { plan: 'max', when: '2027-01-05' }],
  ['FIXED', { quantity: 3, when: '2027-02-09' }],
  ['THIRD', { plan: 'bare', when: '2026-12-28' }],
] as const)(
  'a change of a day in a period to come has the discount that this period will have: %s %o',
  async (coupon, body: ChangeBody) => {
    const id = await world.onboard('order-1', 'm', { coupon });
    await world.work();
    const preview = await previewChange(ctx, id, { body, actor: 'siti' });
    if (preview.kind !== 'shown') throw new Error(JSON.stringify(preview));
    const { after } = changePreviewView(preview.shown);
    await changeTerms(ctx, id, { body, reason: null, actor: 'siti' });
    expect(await listUpcoming(ctx, id, 3)).toEqual(after);
    await world.liveUntil(after.at(-1)?.due_at ?? START);
    const shown = after.map(({ cycle, amount, credit_used }) => ({ cycle, amount, credit_used }));
    const happened = await world.charges(id);
    expect(happened.slice(-3)).toMatchObject(shown);
  },
);
