import { timeZoneNamed, zoneMeant } from '../../../domain/calendar/cycle.ts';
import { returnAddressFault, returnAddressLengthFault } from '../../../domain/catalog/web-address.ts';
import { at, entries, read } from '../catalog-values.ts';
import type { Path } from '../yaml-fault.ts';
import type { JudgedPlan } from './judged-plan.ts';
import type { Judgement } from './judgement.ts';

/** Zones that lie elsewhere than they say, and addresses that Xendit does not take in charges. */
export function placeJudgements(values: unknown): readonly Judgement[] {
  const places: readonly Path[] = [['defaults'], ...entries(at(values, 'plans')).map(([id]) => ['plans', id])];
  return places.flatMap((path) => [
    ...zoneFaults(values, [...path, 'time_zone']),
    ...['success', 'cancel'].flatMap((name) => lengthFaults(values, [...path, 'return_urls', name])),
  ]);
}

/** Hours ahead of UTC, all year, in the zones of each country. */
const HOURS_AHEAD: Readonly<Record<string, readonly number[]>> = {
  ID: [7, 8, 9],
  MY: [8],
  PH: [8],
  SG: [8],
  TH: [7],
  VN: [7],
};

/** A plan whose hour of charging is that of another country: most likely its time zone was forgotten. */
export function zoneAbroad(values: unknown, { path, fields, country }: JudgedPlan): readonly Judgement[] {
  const own = at(fields, 'time_zone');
  const zone = read(zoneHours, own ?? at(values, 'defaults', 'time_zone'));
  const expected = HOURS_AHEAD[country ?? ''];
  if (zone === null || expected === undefined || expected.includes(zone.hours)) return [];
  const field = at(fields, 'country') === undefined || own !== undefined ? 'time_zone' : 'country';
  const message = `does not go with ${field === 'country' ? `the time zone ${zone.name}` : `the country ${country}`}: charge_at is the hour of ${zone.name}`;
  return [
    {
      path: [...path, field],
      message,
      about: own === undefined && field === 'time_zone' ? 'missing' : 'value',
      severity: 'warning',
    },
  ];
}

function zoneHours(text: string): { readonly name: string; readonly hours: number } | { readonly fault: string } {
  const name = timeZoneNamed(text);
  if (name === null || zoneMeant(text) !== null) return { fault: 'is told of elsewhere' };
  // Singapore and the Philippines moved theirs before 1990; any day since then will do.
  const day = Temporal.PlainDate.from('2026-01-01').toZonedDateTime(name);
  return { name, hours: day.offsetNanoseconds / 3_600e9 };
}

function zoneFaults(values: unknown, path: Path): readonly Judgement[] {
  const zone = at(values, ...path);
  const meant = typeof zone === 'string' ? zoneMeant(zone) : null;
  if (meant === null) return [];
  const message = `lies west of UTC, whatever its sign says, and none of Xendit's countries does: write a city, such as Asia/Jakarta, or ${meant}`;
  return [{ path, message, about: 'value', severity: 'fault' }];
}

function lengthFaults(values: unknown, path: Path): readonly Judgement[] {
  const address = at(values, ...path);
  const message =
    typeof address === 'string' && returnAddressFault(address) === null ? returnAddressLengthFault(address) : null;
  return message === null ? [] : [{ path, message, about: 'value', severity: 'fault' }];
}
