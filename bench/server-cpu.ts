import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPidFile } from '../src/infra/embedded-postgres/pid-file.ts';

/** Milliseconds of CPU that the embedded server's processes have used, those that have ended too; 0 where that cannot be read. */
export function serverCpu(dir: string): number {
  try {
    const main = String(readPidFile(join(dir, 'pg18'))?.pid);
    return readdirSync('/proc').reduce((sum, pid) => sum + (/^\d+$/.test(pid) ? cpuOf(pid, main) : 0), 0);
  } catch {
    return 0;
  }
}

/** In clock ticks of ten milliseconds: user and system time of a process that belongs to `main`; its own with that of its ended children. */
function cpuOf(pid: string, main: string): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    const ticks = (from: number, to: number) => fields.slice(from, to).reduce((sum, one) => sum + Number(one), 0);
    if (pid === main) return ticks(11, 15) * 10;
    return fields[1] === main ? ticks(11, 13) * 10 : 0;
  } catch {
    return 0;
  }
}
