import { isIPv6 } from 'node:net';

/** One household has 2^64 addresses of IPv6: its network counts as one. */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  return address.split(':').slice(0, 4).join(':');
}
