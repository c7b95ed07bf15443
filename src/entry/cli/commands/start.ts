import type { Command } from 'commander';
import type { Daemon } from '../../../context.ts';
import { whenInterrupted } from '../interruption.ts';
import type { Screen } from '../screen/screen.ts';
import { answer, type House, verb } from '../verb.ts';

/** `dueday start`: the daemon, until it is told to stop. */
export function startCommand(house: House): Command {
  const { runtime, screen } = house;
  return verb(house, 'start', 'run the daemon: HTTP, scheduler, and without a Xendit key the sandbox').action(
    async (options: { json?: boolean }) => {
      const daemon = await runtime.startDaemon();
      const { url, webhookUrl, sandboxUrl, madeKey, signInUrl } = daemon;
      const facts = { url, webhook_url: webhookUrl, sandbox_url: sandboxUrl, api_key: madeKey, sign_in_url: signInUrl };
      answer(screen, options, facts, () => greeting(daemon));
      // Whoever stops it now is heard: the daemon waits for no look at the book.
      if (sandboxUrl !== null && options.json !== true) void tellIfEmpty(daemon, screen);
      await untilToldToStop(daemon, screen);
    },
  );
}

/** An empty book has nothing to look at. */
const TO_FILL_IT = `The book is empty. To look at one with half a year in it: stop this, "npx dueday seed", and start it again.
`;

/** Where the book cannot be looked at, the log says why the daemon cannot work; this says nothing. */
async function tellIfEmpty({ ctx }: Daemon, screen: Screen): Promise<void> {
  const { listSubscriptions } = await import('../../../flows/views/list-subscriptions.ts');
  const page = await listSubscriptions(ctx, {}, null, 1).catch(() => null);
  if (page?.data.length === 0) screen.print(TO_FILL_IT);
}

function greeting({ ctx, url, webhookUrl, sandboxUrl, madeKey, signInUrl, settingsBeside }: Daemon): string {
  const lines = [
    `dueday listens on ${url}`,
    `  Pages             ${signInUrl === null ? `${url}/ (who may sign in: dueday users add)` : `${signInUrl} (signs in once)`}`,
    `  API description   ${url}/docs, and ${url}/openapi.json for programs`,
    `  Xendit's webhooks ${webhookUrl}`,
  ];
  if (sandboxUrl === null) return lines.join('\n');
  const key = madeKey ?? '$DUEDAY_API_KEY';
  const plan = [...ctx.catalog.current.plans.keys()][0] ?? 'pro-monthly';
  // Other ones at each start: the database knows those of the last, and this sandbox does not.
  const name = ctx.newId(0).slice(9, 18);
  return `${[
    ...lines,
    `  Xendit sandbox    ${sandboxUrl} (no real money; it forgets its customers when this process ends)`,
    ...(madeKey === null ? [] : [`  API key           ${madeKey}`]),
    '',
    'Try this: create a subscription, then open its payment_link_url and save a test card.',
    `  curl -s ${url}/v1/subscriptions -H "authorization: Bearer ${key}" -H 'content-type: application/json' \\`,
    `    -d '{"reference_id":"sub-${name}","plan":"${plan}","customer":{"reference_id":"cust-${name}","given_names":"Siti"}}'`,
    'And look at what it does, from another terminal:',
    `  ${settingsBeside}npx dueday charges list`,
    '',
  ].join('\n')}`;
}

async function untilToldToStop(daemon: Daemon, screen: Screen): Promise<void> {
  const told = Promise.withResolvers<null>();
  whenInterrupted(() => {
    screen.complain('stopping: finishing what is under way');
    told.resolve(null);
  });
  const lost = await Promise.race([told.promise, daemon.lost]);
  if (lost !== null) {
    daemon.ctx.log.error('daemon ends', { why: lost, way_out: 'mend the cause and start it again' });
    screen.complain(`stopping: ${lost}`);
  }
  const isWhole = await daemon.stop();
  // Timers of libraries may linger; everything of ours is closed.
  process.exit(lost === null && isWhole ? 0 : 1);
}
