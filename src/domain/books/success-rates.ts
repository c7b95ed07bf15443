/** First attempts of one channel that succeeded (`declined` null), or were declined as one class; how many of their charges are decided, and collected by now. */
export type FirstAttempts = {
  readonly channel: string;
  readonly declined: string | null;
  readonly attempts: number;
  readonly decided: number;
  readonly collected: number;
};

/** What a rate rests on: this channel's own attempts, those of all channels since it has too few, or nothing since all have. */
export type Basis = 'recorded' | 'all_channels' | 'default';

/** How often what is asked for comes in: of a channel's charges in the end, or of those that were declined at first as one class. */
export type SuccessRate = {
  readonly channel: string;
  /** null: of the channel as a whole. */
  readonly declined: string | null;
  /** First attempts; of a class those of them whose charge is decided. */
  readonly attempts: number;
  /** Those of them that were collected: at the first attempt; of a class by a later one. */
  readonly succeeded: number;
  /** In millionths. */
  readonly millionths: number;
  readonly basis: Basis;
};

/** Fewer first attempts of a channel tell nothing about it. */
const LEAST_ATTEMPTS = 100;
/** Fewer charges that were declined as one class tell nothing about what becomes of those. */
const LEAST_DECLINED = 20;

const WHOLE = 1_000_000;

/** The rates of a channel: the first is of the channel as a whole, the others are of what its first attempts were declined as. */
export function successRates(all: readonly FirstAttempts[], channel: string): readonly [SuccessRate, ...SuccessRate[]] {
  const own = all.filter((one) => one.channel === channel);
  const attempts = sumOf(own, 'attempts');
  const succeeded = sumOf(own.filter(isPaidAtOnce), 'attempts');
  if (attempts < LEAST_ATTEMPTS && sumOf(all, 'attempts') < LEAST_ATTEMPTS)
    return [{ channel, declined: null, attempts, succeeded, millionths: WHOLE, basis: 'default' }];
  const isOwn = attempts >= LEAST_ATTEMPTS;
  const taken = isOwn ? own : all;
  const classes = classesOf(taken).map((declined) => recovered(all, channel, declined));
  const lost = classes.map(({ declined, millionths }) => {
    const ofClass = sumOf(
      taken.filter((one) => one.declined === declined),
      'attempts',
    );
    return ofClass * (WHOLE - millionths);
  });
  const millionths = Math.round(WHOLE - lost.reduce((sum, one) => sum + one, 0) / sumOf(taken, 'attempts'));
  return [
    { channel, declined: null, attempts, succeeded, millionths, basis: isOwn ? 'recorded' : 'all_channels' },
    ...classes,
  ];
}

/** What became of charges whose first attempt was declined as this class; of one that was seen too seldom nothing is counted on. */
function recovered(all: readonly FirstAttempts[], channel: string, declined: string): SuccessRate {
  const ofClass = all.filter((one) => one.declined === declined);
  const own = ofClass.filter((one) => one.channel === channel);
  const counts = { attempts: sumOf(own, 'decided'), succeeded: sumOf(own, 'collected') };
  if (counts.attempts >= LEAST_DECLINED)
    return { channel, declined, ...counts, millionths: share(own), basis: 'recorded' };
  return sumOf(ofClass, 'decided') >= LEAST_DECLINED
    ? { channel, declined, ...counts, millionths: share(ofClass), basis: 'all_channels' }
    : { channel, declined, ...counts, millionths: 0, basis: 'default' };
}

function share(some: readonly FirstAttempts[]): number {
  return Math.round((WHOLE * sumOf(some, 'collected')) / sumOf(some, 'decided'));
}

function classesOf(some: readonly FirstAttempts[]): readonly string[] {
  const found = new Set(some.flatMap(({ declined }) => (declined === null ? [] : [declined])));
  return [...found].toSorted();
}

function isPaidAtOnce({ declined }: FirstAttempts): boolean {
  return declined === null;
}

function sumOf(some: readonly FirstAttempts[], what: 'attempts' | 'decided' | 'collected'): number {
  return some.reduce((sum, one) => sum + one[what], 0);
}
