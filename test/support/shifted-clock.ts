/*
 * Preloaded into a replica (`--import`): its wall clock is ten minutes slow, whoever asks and however. What measures lengths
 * of time is left as it is: a clock that is wrong still ticks.
 */

const SHIFT_MS = -10 * 60_000;
const RealDate = globalThis.Date;
const realNow = RealDate.now.bind(RealDate);

class ShiftedDate extends RealDate {
  constructor(...given: readonly unknown[]) {
    super(...((given.length === 0 ? [realNow() + SHIFT_MS] : given) as ConstructorParameters<typeof RealDate>));
  }

  static override now(): number {
    return realNow() + SHIFT_MS;
  }
}
globalThis.Date = ShiftedDate as DateConstructor;

const shift = Temporal.Duration.from({ milliseconds: SHIFT_MS });
const real = Temporal.Now;
const instant = (): Temporal.Instant => real.instant().add(shift);
const zoned = (zone: string = real.timeZoneId()): Temporal.ZonedDateTime => instant().toZonedDateTimeISO(zone);
Object.defineProperty(Temporal, 'Now', {
  value: {
    instant,
    timeZoneId: () => real.timeZoneId(),
    zonedDateTimeISO: zoned,
    plainDateISO: (zone?: string) => zoned(zone).toPlainDate(),
    plainTimeISO: (zone?: string) => zoned(zone).toPlainTime(),
    plainDateTimeISO: (zone?: string) => zoned(zone).toPlainDateTime(),
  },
});
