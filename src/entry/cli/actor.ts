import { userInfo } from 'node:os';

/** Whoever runs this command, as it is written down: `cli:` and their name with the operating system, or else its number. */
export function actorHere(named: () => { readonly username: string } = userInfo): string {
  try {
    return `cli:${named().username}`;
  } catch {
    // A container may run under a number that no list of users has.
    return `cli:${process.getuid?.() ?? 'unknown'}`;
  }
}
