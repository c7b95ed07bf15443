import { openPayLink } from '../../src/flows/paying/pay-link.ts';
import { declined, type Step, unknown } from '../support/scripted-gateway.ts';
import { plainCatalog, type World } from '../support/world.ts';

export const start = '2026-01-31T02:00:00Z';
/** What more of the monthly plan costs is paid before it applies. */
export const catalog = plainCatalog
  .replace('  monthly:\n', '  monthly:\n    changes: pay_link\n')
  .replace('defaults:', 'defaults:\n  refunds: { four_eyes: { IDR: 100000 } }');

export const silence = { kind: 'unanswered', detail: 'no answer' } as const;
const wallet = { channelCode: 'OVO', network: null };

/** What is lived, by the first column of the table in docs/reliability.md. */
export type Lives = Readonly<Record<string, () => Promise<void>>>;

/** How things in a world come to wait, and who was told of them. */
export function waiting(world: World) {
  const { ctx, gateway } = world;
  const told = (event: string) => world.logged.filter((line) => line.event === event && line.level !== 'info');

  /** One charge whose first attempt ended so, and of which Xendit says nothing more. */
  async function attempted(outcome: Step, plan = 'weekly'): Promise<string> {
    const id = await world.onboard('order-1', plan, {}, wallet);
    gateway.script(outcome);
    gateway.otherwise(unknown());
    await world.work();
    gateway.finds(`due_${id}_0_1`, silence);
    return id;
  }

  /** A charge that was declined, and the link behind which its customer may pay it. */
  async function linked(code = 'INSUFFICIENT_BALANCE'): Promise<{ readonly id: string; readonly token: string }> {
    gateway.script(declined(code));
    const id = await world.onboard('order-1');
    await world.work();
    const link = await openPayLink(ctx, (await world.charge(id)).id, {
      linkMinutes: null,
      saves: 'DISABLED',
      actor: 'a',
    });
    return { id, token: 'url' in link ? (link.url.split('/pay/')[1] ?? '') : '' };
  }

  return { told, attempted, linked };
}
