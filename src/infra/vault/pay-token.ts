import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a link to pay leads to: the charge, and which of its links it is. */
export type LinkName = { readonly chargeId: string; readonly number: number };

/** Of a signature: as many bits as a key that nobody guesses. */
const SIGNATURE_BYTES = 20;
const NAME_BYTES = 18;
const FORM = /^[A-Za-z0-9_-]{51}$/;

/** The name of a link with its signature, as it stands in an address: whoever has no key makes none, nor leads one to another charge. */
export function payToken(key: string, link: LinkName): string {
  const name = nameOf(link);
  return Buffer.concat([name, signed(key, name)]).toString('base64url');
}

/** What a token of ours names; null: it was changed, or is none of ours. */
export function readPayToken(key: string, token: string): LinkName | null {
  if (!FORM.test(token)) return null;
  const bytes = Buffer.from(token, 'base64url');
  // Its last letter has bits to spare, and may be written in several ways: one link has one address.
  if (bytes.toString('base64url') !== token) return null;
  const [name, signature] = [bytes.subarray(0, NAME_BYTES), bytes.subarray(NAME_BYTES)];
  if (!timingSafeEqual(signature, signed(key, name))) return null;
  const id = name.toString('hex', 0, 16);
  const chargeId = [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join('-');
  return { chargeId, number: name.readUInt16BE(16) };
}

function nameOf({ chargeId, number }: LinkName): Buffer {
  const name = Buffer.alloc(NAME_BYTES);
  name.write(chargeId.replaceAll('-', ''), 'hex');
  name.writeUInt16BE(number, 16);
  return name;
}

function signed(key: string, name: Buffer): Buffer {
  return createHmac('sha256', Buffer.from(key, 'base64url')).update(name).digest().subarray(0, SIGNATURE_BYTES);
}
