import type { Mutant } from './mutant.ts';
import { ofChargeTables } from './rooms/charge-tables.ts';
import { ofControlTables } from './rooms/control-tables.ts';
import { ofDisputes } from './rooms/disputes.ts';
import { ofRules } from './rooms/domain.ts';
import { ofDueDate } from './rooms/due-date.ts';
import { ofEdges } from './rooms/edges.ts';
import { ofOtherFlows } from './rooms/other-flows.ts';
import { ofOtherTables } from './rooms/other-tables.ts';
import { ofOutcomes } from './rooms/outcomes.ts';
import { ofRefunds } from './rooms/refunds.ts';

/**
 * The wrong designs that others shipped, and more of the charge path, by the room of the text that each replaces. Every one must be killed by
 * the promise it names; one that cannot be is redundant, and docs/decisions.md says why.
 */
export const mutants: readonly Mutant[] = [
  ...ofRules,
  ...ofDueDate,
  ...ofOutcomes,
  ...ofOtherFlows,
  ...ofRefunds,
  ...ofDisputes,
  ...ofChargeTables,
  ...ofControlTables,
  ...ofOtherTables,
  ...ofEdges,
];
