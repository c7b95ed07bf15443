import { zoneMeant } from '../../domain/cycle.ts';
import { returnAddressFault, returnAddressLengthFault } from '../../domain/web-address.ts';
import type { Judgement } from './catalog-judgement.ts';
import { at, entries } from './catalog-values.ts';
import type { Path } from './yaml-fault.ts';

/** Zones that lie elsewhere than they say, and addresses that Xendit does not take in charges. */
export function placeJudgements(values: unknown): readonly Judgement[] {
  const places: readonly Path[] = [['defaults'], ...entries(at(values, 'plans')).map(([id]) => ['plans', id])];
  return places.flatMap((path) => [
    ...zoneFaults(values, [...path, 'time_zone']),
    ...['success', 'cancel'].flatMap((name) => lengthFaults(values, [...path, 'return_urls', name])),
  ]);
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
