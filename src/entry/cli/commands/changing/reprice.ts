import type { Command } from 'commander';
import { itemStates } from '../../../../domain/subscriptions/repricing/repricing.ts';
import { filterKeys } from '../../../../domain/subscriptions/repricing/repricing-filter.ts';
import type { Repricing, Watching } from '../../deeds/reprice.ts';
import { reasoned } from '../../reason.ts';
import { type House, verb } from '../../verb.ts';

/** `dueday catalog reprice ...`: running subscriptions of a plan come to the price of a version, in stages. */
export function repriceCommand(house: House): Command {
  const about =
    'move running subscriptions of a plan to the price of a catalog version, from their next cycle on; the daemons work on it';
  return reasoned(verb(house, 'reprice', about), 'why you do; kept with your name for as long as the database')
    .option('--plan <plan>', 'whose subscriptions')
    .option('--to <version>', 'to the price that the plan has in this version ("dueday catalog versions")')
    .option('--filter <key=value>', `those alone; again for more, all hold: ${KEYS}`, collected, [])
    .option('--limit <n>', 'move at most so many, from the oldest on; the next time the next ones')
    .option('--dry-run', 'show what it would come to, and change nothing')
    .addCommand(statusCommand(house))
    .addCommand(moveCommand(house, 'stop', 'move nobody else; whoever was moved stays moved'))
    .addCommand(moveCommand(house, 'resume', 'go on with those who still wait'))
    .action(async (options: Repricing) => (await import('../../deeds/reprice.ts')).reprice(house, options));
}

const KEYS = [...filterKeys, 'metadata.<key>'].join(', ');
const NUMBER = 'its number; the last one when left out';

function collected(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function statusCommand(house: House): Command {
  return verb(house, 'status', 'how far it has come, and each subscription with its state and why')
    .argument('[id]', NUMBER)
    .option('--state <state>', `list those alone: ${itemStates.join(', ')}`)
    .option('--limit <n>', 'list at most so many', '20')
    .action(async (id: string | undefined, options: Watching) =>
      (await import('../../deeds/reprice.ts')).status(house, id ?? null, options),
    );
}

function moveCommand(house: House, name: 'stop' | 'resume', about: string): Command {
  return verb(house, name, about)
    .argument('[id]', NUMBER)
    .action(async (id: string | undefined, options: { json?: boolean }) =>
      (await import('../../deeds/reprice.ts')).move(house, name, id ?? null, options),
    );
}
