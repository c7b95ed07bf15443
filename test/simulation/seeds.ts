/**
 * Seeds that once found something, with what it was: they are lived first, for ever. What a seed draws changes with the
 * simulation itself, so each finding has its own test beside the flow that it was in.
 */
export const memorable: readonly { readonly seed: number; readonly found: string }[] = [
  { seed: 7, found: 'a cycle that fell due just before its customer left never got its row' },
  {
    seed: 94,
    found:
      'an attempt lost in a failover stood behind one that was throttled: neither was found, and a wallet paid twice',
  },
  { seed: 103, found: 'of two daemons that made the same subscription, one closed its link outside the pace' },
  { seed: 120, found: 'after a failover each of three daemons asked Xendit about all charges, within one pace' },
];
