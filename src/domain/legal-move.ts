/** From where a thing may make a move, and where it may be then. */
export type Moves<Status extends string> = Readonly<Partial<Record<Status, readonly Status[]>>>;

/** Answers the status after a move, if a thing may make it by this table of moves; `thing` is what a fault calls it. */
export function mover<Status extends string, Move extends string>(
  thing: string,
  table: Readonly<Record<Move, Moves<Status>>>,
) {
  return <To extends Status>({ status }: { readonly status: Status }, move: Move, to: To): To => {
    if (table[move][status]?.includes(to) === true) return to;
    throw new Error(`${thing} that is ${status} cannot become ${to} by the move "${move}".`);
  };
}
