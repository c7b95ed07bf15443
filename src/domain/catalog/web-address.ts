/**
 * Which addresses we take from outside. Return URLs are opened by the customer's browser and passed on by Xendit, never
 * fetched by us; still an address of somebody's inner network, a password in it, or one that two readers read
 * differently has no business there (OWASP, SSRF prevention).
 */

/** Below are the ports of other protocols; a web server of one's own listens above. */
const FIRST_FREE_PORT = 1_024;

/** What Xendit takes in a charge (docs.xendit.co/docs/routing-payment-channels); the same address goes into sessions too. */
const SHORTEST = 11;
const LONGEST = 255;

/** Why Xendit would not take an address of this length, in words that follow the field's name; null when it would. */
export function returnAddressLengthFault(text: string): string | null {
  if (text.length >= SHORTEST && text.length <= LONGEST) return null;
  return `must have ${SHORTEST} to ${LONGEST} characters, as Xendit demands, not ${text.length}`;
}

/** Why this is no address that customers may be sent to, in words that follow the field's name; null when it is one. */
export function returnAddressFault(text: string): string | null {
  if (!/^https:\/\//i.test(text)) return 'must be an https:// address, as Xendit demands';
  // The parser mends these in silence, so others would see another address than it does.
  if (/[\p{Cc}\p{Cs}\s\\]/u.test(text)) return 'must not contain control characters, blanks or backslashes';
  const url = URL.parse(text);
  if (url === null) return 'must be an https:// address, as Xendit demands';
  const authority = /^https:\/\/([^/?#]*)/i.exec(text)?.[1] ?? '';
  if (authority.includes('@')) return 'must not contain a user name or password';
  const written = authority.replace(/:\d*$/, '').toLowerCase();
  return hostFault(written, url.hostname) ?? portFault(url.port);
}

/** Whether this host is the machine itself: what is said to it crosses no network. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function hostFault(written: string, hostname: string): string | null {
  // Numbers in other notations, percent signs, full-width letters: only a name in another script is truly written otherwise.
  if (written !== hostname && !hostname.includes('xn--') && !hostname.startsWith('['))
    return 'must write its host plainly';
  if (hostname.startsWith('[')) return isPublic6(groupsOf(hostname)) ? null : NOT_PUBLIC;
  if (/^[\d.]+$/.test(hostname)) return isPublic4(hostname.split('.').map(Number)) ? null : NOT_PUBLIC;
  return nameFault(hostname);
}

const NOT_PUBLIC = 'must not lie in a private network';

// Names that no public server has (RFC 6761, 6762, 8375; ICANN's .internal).
const INNER = /(^|\.)(local|internal|intranet|lan|corp|home|localdomain|home\.arpa|onion)$|(^|\.)metadata\.goog$/;

/** `localhost` is the customer's own machine: whoever develops a product saves a method in a browser of their own. */
function nameFault(hostname: string): string | null {
  if (hostname === 'localhost') return null;
  const labels = hostname.split('.');
  if (labels.length < 2 || !labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label)))
    return 'must name a host with its domain, such as shop.example.com';
  return INNER.test(hostname) || labels.at(-1) === 'localhost' ? NOT_PUBLIC : null;
}

function portFault(port: string): string | null {
  if (port === '' || Number(port) >= FIRST_FREE_PORT) return null;
  return `must have no port, or one from ${FIRST_FREE_PORT}`;
}

/** IANA's special-purpose registry: this host, private, shared, loopback, link-local, protocol, documentation, benchmark, multicast. */
function isPublic4([a = 0, b = 0, c = 0]: readonly number[]): boolean {
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false;
  if (a === 100) return b < 64 || b > 127;
  if (a === 169) return b !== 254;
  if (a === 172) return b < 16 || b > 31;
  if (a === 192) return b !== 168 && !(b === 0 && (c === 0 || c === 2)) && !(b === 88 && c === 99);
  if (a === 198) return b !== 18 && b !== 19 && !(b === 51 && c === 100);
  return !(a === 203 && b === 0 && c === 113);
}

/** Global unicast only, without documentation, Teredo and 6to4, in which an IPv4 address hides. */
function isPublic6([first = 0, second = 0]: readonly number[]): boolean {
  if (first < 0x2000 || first > 0x3fff || first === 0x2002 || first === 0x3fff) return false;
  return first !== 0x2001 || (second >= 0x200 && second !== 0xdb8);
}

/** The eight groups of an address as `URL` writes it: [2001:db8::1]. */
function groupsOf(hostname: string): readonly number[] {
  const [left = '', right] = hostname.slice(1, -1).split('::');
  const numbers = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const [before, after] = [numbers(left), numbers(right ?? '')];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}
