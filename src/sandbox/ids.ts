import { randomBytes, randomUUID } from 'node:crypto';

export type Ids = {
  uuid(): string;
  /** Lower-case hexadecimal digits. */
  hex(length: number): string;
  /** `_` and ten characters: what Xendit adds to the reference of what a session makes (docs/xendit.md 2.4). */
  suffix(): string;
};

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Ids that look like Xendit's. With a seed the same run gives the same ids. */
export function makeIds(seed?: number): Ids {
  const hex = seed === undefined ? randomHex : seededHex(seed);
  return {
    uuid: seed === undefined ? randomUUID : () => uuidOf(hex(32)),
    hex,
    suffix: () => `_${Array.from({ length: 10 }, () => letter(hex(4))).join('')}`,
  };
}

function randomHex(length: number): string {
  return randomBytes(Math.ceil(length / 2))
    .toString('hex')
    .slice(0, length);
}

// mulberry32: small, even enough for ids in tests, the same on every machine.
function seededHex(seed: number): (length: number) => string {
  let state = seed >>> 0;
  const next = (): string => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0).toString(16).padStart(8, '0');
  };
  return (length) => {
    let digits = '';
    while (digits.length < length) digits += next();
    return digits.slice(0, length);
  };
}

function uuidOf(hex: string): string {
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20),
  ];
  return parts.join('-');
}

function letter(hex: string): string {
  return ALPHANUMERIC.charAt(Number.parseInt(hex, 16) % ALPHANUMERIC.length);
}
