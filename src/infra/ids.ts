import { hash, randomBytes, randomUUIDv7 } from 'node:crypto';

/** A new UUIDv7 whose last byte is the bucket, so that an id alone tells where its rows are (docs/design.md section 12). */
export function newId(bucket: number): string {
  return randomUUIDv7().slice(0, -2) + bucket.toString(16).padStart(2, '0');
}

/** A bucket for a new customer: drawn, not counted, so that replicas need not agree. */
export function newBucket(): number {
  return randomBytes(1)[0] ?? 0;
}

/** The bucket of a name that must be unique across customers: that of its hash (docs/design.md section 12, rule 7). */
export function bucketOfName(name: string): number {
  return hash('sha256', name, 'buffer')[0] ?? 0;
}

/** SHA-256, hex. */
export function sha256(text: string): string {
  return hash('sha256', text);
}
