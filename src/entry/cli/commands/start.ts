import { Command } from 'commander';
import type { Daemon, Runtime } from '../../../context.ts';

/** `dueday start`: the daemon, until it is told to stop. */
export function startCommand(runtime: Runtime): Command {
  return new Command('start')
    .description('run the daemon: HTTP, scheduler, and without a Xendit key the sandbox')
    .action(async () => {
      const daemon = await runtime.startDaemon();
      process.stdout.write(greeting(daemon));
      await untilToldToStop(daemon);
    });
}

function greeting({ url, sandboxUrl, madeKey }: Daemon): string {
  const lines = [`dueday listens on ${url}`, `  API description   ${url}/openapi.json`];
  if (sandboxUrl === null) return `${lines.join('\n')}\n`;
  const key = madeKey ?? '$DUEDAY_API_KEY';
  return `${[
    ...lines,
    `  Xendit sandbox    ${sandboxUrl} (no real money; it forgets its customers when this process ends)`,
    ...(madeKey === null ? [] : [`  API key           ${madeKey}`]),
    '',
    'Try this: create a subscription, then open its payment_link_url and save a test card.',
    `  curl -s ${url}/v1/subscriptions -H 'authorization: Bearer ${key}' -H 'content-type: application/json' \\`,
    `    -d '{"reference_id":"sub-1","plan":"pro-monthly","customer":{"reference_id":"cust-1","given_names":"Siti"}}'`,
    `  curl -s ${url}/v1/charges -H 'authorization: Bearer ${key}'`,
    '',
  ].join('\n')}\n`;
}

/** The first signal drains; the second ends at once. */
async function untilToldToStop(daemon: Daemon): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = false;
  const onSignal = (): void => {
    if (asked) process.exit(1);
    asked = true;
    process.stdout.write('stopping: finishing what is under way\n');
    resolve();
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  await promise;
  await daemon.stop();
  // Timers of libraries may linger; everything of ours is closed.
  process.exit(0);
}
