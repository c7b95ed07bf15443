import { type Command, Option } from 'commander';
import type { Role } from '../../../../flows/access/keys.ts';
import type { Screen } from '../../screen/screen.ts';
import { table } from '../../screen/table.ts';
import { counted, timeText } from '../../screen/wording.ts';
import { answer, Failed, group, type House, verb } from '../../verb.ts';
import { withContext } from '../../with-context.ts';

/** `dueday keys ...`: who may speak to the API. Works on the database itself, so that a first key can be made. */
export function keysCommand(house: House): Command {
  return group(house, 'keys', 'API keys: who may speak to the daemon')
    .addCommand(createCommand(house))
    .addCommand(listCommand(house))
    .addCommand(revokeCommand(house))
    .addCommand(rotateCommand(house));
}

type Creating = { readonly role: Role; readonly name?: string; readonly json?: boolean };

function createCommand(house: House): Command {
  const role = new Option(
    '--role <role>',
    'admin may all, product sells, finance reads and decides about charges',
  ).choices(['admin', 'product', 'finance']);
  return verb(house, 'create', 'make a key; it is shown once and cannot be read again')
    .addOption(role.makeOptionMandatory())
    .option('--name <name>', 'whose it is, for the list and the ledger; its role when left out')
    .action(async (options: Creating) => {
      const { createKey } = await import('../../../../flows/access/keys.ts');
      const name = options.name ?? options.role;
      const made = await withContext(house, (ctx) => createKey(ctx, name, options.role));
      answer(house.screen, options, { ...made, name }, () =>
        [made.secret, '', `Keep it: it is shown only now. Its id is ${made.id}, its role ${made.role}.`].join('\n'),
      );
    });
}

function listCommand(house: House): Command {
  return verb(house, 'list', 'list the keys, newest first; never the keys themselves').action(
    async (options: { json?: boolean }) => {
      const { keys } = await import('../../../../flows/access/keys.ts');
      const all = await withContext(house, keys);
      const facts = all.map(({ id, name, role, hint, createdAt, revokedAt }) => {
        return { id, name, role, hint, created_at: createdAt.toString(), revoked_at: revokedAt?.toString() ?? null };
      });
      const columns = ['id', 'name', 'role', 'begins with', 'made (UTC)', 'revoked (UTC)'].map((title) => ({ title }));
      const rows = facts.map((key) => [
        key.id,
        key.name,
        key.role,
        key.hint,
        timeText(key.created_at, 'UTC'),
        timeText(key.revoked_at, 'UTC'),
      ]);
      answer(house.screen, options, { data: facts }, () =>
        rows.length === 0 ? 'There are no keys.' : table(columns, rows, house.screen.width),
      );
    },
  );
}

function revokeCommand(house: House): Command {
  return verb(house, 'revoke', 'revoke a key: it opens nothing any more')
    .argument('<id>', 'its id, as "keys list" shows it')
    .action(async (id: string, options: { json?: boolean }) => {
      const { dropKey } = await import('../../../../flows/access/keys.ts');
      const gone = isUuid(id) && (await withContext(house, (ctx) => dropKey(ctx, id)));
      if (!gone) throw new Failed('There is no such key, or it was revoked before.');
      answer(house.screen, options, { id, revoked: true }, () => `The key ${id} is revoked.`);
    });
}

function rotateCommand(house: House): Command {
  const about =
    'seal every stored payment token with the first of DUEDAY_TOKEN_KEYS; safe while daemons run that have it';
  return verb(house, 'rotate-tokens', about).action(async (options: { json?: boolean }) => {
    const { leftUnsealed, sealTokens } = await import('../../../../flows/access/seal-tokens.ts');
    const made = await withContext(house, async (ctx) => {
      const key = ctx.db.vault.sealsWith;
      if (key === '') throw new Failed('There is no key to seal with: set DUEDAY_TOKEN_KEYS (see "dueday doctor").');
      const whole = await leftUnsealed(ctx);
      return { key, ...(await sealTokens(ctx, rowsDone(house.screen, whole))) };
    });
    const { key, tokens, webhooks, requests, left } = made;
    answer(house.screen, options, made, () =>
      [
        `Sealed with ${key}: ${counted(tokens, 'payment token')}, ${counted(webhooks, 'webhook')};`,
        `${counted(requests, 'request')} gave up the payment token that stood in it.`,
      ].join(' '),
    );
    if (left > 0) throw new Failed(`${counted(left, 'row')} could not be sealed: no key of this process opens them.`);
  });
}

/** A counter on a terminal; elsewhere a line every ten thousand rows. */
function rowsDone(screen: Screen, whole: number): (done: number) => void {
  let told = 0;
  return (done) => {
    const line = `${done} of ${counted(whole, 'row')}`;
    if (screen.live) return screen.redraw(line);
    if (done - told < 10_000) return;
    told = done;
    screen.complain(line);
  };
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
