import type { Command } from 'commander';
import { table } from '../screen/table.ts';
import { counted } from '../screen/wording.ts';
import { answer, Failed, type House, verb } from '../verb.ts';

/** `dueday doctor`: what keeps this installation from charging. */
export function doctorCommand(house: House): Command {
  const { runtime, screen } = house;
  return verb(house, 'doctor', 'look for what keeps this installation from charging; changes nothing').action(
    async (options: { json?: boolean }) => {
      const findings = await runtime.doctor();
      const bad = findings.filter(({ ok }) => !ok);
      const sign = (ok: boolean) => (ok ? screen.paint('green', 'ok') : screen.paint('red', 'fault'));
      const rows = findings.map(({ what, ok, detail }) => [what, sign(ok), detail]);
      answer(screen, options, { ok: bad.length === 0, findings }, () =>
        table([{ title: 'what' }, { title: '' }, { title: 'finding' }], rows, screen.width),
      );
      if (bad.length > 0)
        throw new Failed(`${counted(bad.length, 'fault')}: ${bad.map(({ what }) => what).join(', ')}.`);
    },
  );
}
