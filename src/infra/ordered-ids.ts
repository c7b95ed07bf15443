import { sha256 } from './ids.ts';

/**
 * Ids and buckets that come of their order, so that the same work makes the same ones; they are as old as the clock says. Each bucket
 * counts its own: what is done side by side is done for customers of different ones.
 */
export function orderedIds(now: () => Temporal.Instant) {
  const made = new Map<number, number>();
  let customers = 0;
  return {
    newId(bucket: number): string {
      const count = (made.get(bucket) ?? 0) + 1;
      made.set(bucket, count);
      const hex = sha256(`id ${bucket} ${count}`);
      const time = now().epochMilliseconds.toString(16).padStart(12, '0');
      const parts = [time.slice(0, 8), time.slice(8), `7${hex.slice(0, 3)}`, `8${hex.slice(3, 6)}`, hex.slice(6, 16)];
      return `${parts.join('-')}${bucket.toString(16).padStart(2, '0')}`;
    },
    newBucket(): number {
      customers += 1;
      return Number.parseInt(sha256(`customer ${customers}`).slice(0, 2), 16);
    },
  };
}
