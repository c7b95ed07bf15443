import { type Command, Option } from 'commander';
import type { Role } from '../../../../flows/access/keys.ts';
import { actorHere } from '../../actor.ts';
import { table } from '../../screen/table.ts';
import { timeText } from '../../screen/wording.ts';
import { answer, Failed, group, type House, verb } from '../../verb.ts';
import { withContext } from '../../with-context.ts';

/** `dueday users ...`: who may sign in to the pages. Works on the database itself, so that a first person can be let in. */
export function usersCommand(house: House): Command {
  return group(house, 'users', 'people: who may sign in to the pages')
    .addCommand(addCommand(house))
    .addCommand(listCommand(house))
    .addCommand(disableCommand(house));
}

type Adding = { readonly role: Role; readonly replace?: boolean; readonly json?: boolean };

function addCommand(house: House): Command {
  const role = new Option('--role <role>', 'admin may all, product sells, finance reads and decides about charges');
  return verb(house, 'add', 'let a person sign in; their password is shown once, and they change it at /account')
    .argument('<name>', 'what they sign in with')
    .addOption(role.choices(['admin', 'product', 'finance']).makeOptionMandatory())
    .option('--replace', 'they are there already: another password, this role, and every session of theirs ends')
    .action(async (name: string, { role, replace = false, json = false }: Adding) => {
      const { addUser } = await import('../../../../flows/access/users.ts');
      const made = await withContext(house, (ctx) => addUser(ctx, { name, role, replace, actor: actorHere() }));
      if (made.kind === 'taken')
        throw new Failed(`${made.name} is there already: --replace gives them another password and this role.`);
      answer(house.screen, { json }, { name: made.name, role, password: made.password }, () =>
        [made.password, '', `Give it to ${made.name}: it is shown only now. They sign in at /sign-in.`].join('\n'),
      );
    });
}

function listCommand(house: House): Command {
  return verb(house, 'list', 'list the people who may sign in, by name').action(async (options: { json?: boolean }) => {
    const { users } = await import('../../../../flows/access/users.ts');
    const all = await withContext(house, users);
    const facts = all.map(({ id, name, role, createdAt, changedAt, disabledAt }) => {
      return { id, name, role, created_at: createdAt, changed_at: changedAt, disabled_at: disabledAt };
    });
    const columns = ['name', 'role', 'added (UTC)', 'changed (UTC)', 'disabled (UTC)'].map((title) => ({ title }));
    const rows = facts.map((user) => [
      user.name,
      user.role,
      timeText(user.created_at, 'UTC'),
      timeText(user.changed_at, 'UTC'),
      timeText(user.disabled_at, 'UTC'),
    ]);
    answer(house.screen, options, { data: facts }, () =>
      rows.length === 0 ? 'Nobody may sign in with a password.' : table(columns, rows, house.screen.width),
    );
  });
}

function disableCommand(house: House): Command {
  return verb(house, 'disable', 'let a person sign in no more; every session of theirs ends')
    .argument('<name>')
    .action(async (name: string, options: { json?: boolean }) => {
      const { disableUser } = await import('../../../../flows/access/users.ts');
      const done = await withContext(house, (ctx) => disableUser(ctx, name, actorHere()));
      if (!done) throw new Failed(`There is no user ${name}.`);
      answer(house.screen, options, { name, disabled: true }, () => `${name} signs in no more, and is signed out.`);
    });
}
