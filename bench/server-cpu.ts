import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPidFile } from '../src/infra/embedded-postgres/pid-file.ts';

/** Milliseconds of CPU that the embedded server's processes have used; 0 where that cannot be read. */
export function serverCpu(dir: string): number {
  try {
    const main = String(readPidFile(join(dir, 'pg18'))?.pid);
    return readdirSync('/proc').reduce((sum, pid) => sum + (/^\d+$/.test(pid) ? cpuOf(pid, main) : 0), 0);
  } catch {
    return 0;
  }
}

/** In clock ticks of ten milliseconds: user and system time of a process that belongs to `main`. */
function cpuOf(pid: string, main: string): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return pid === main || fields[1] === main ? (Number(fields[11]) + Number(fields[12])) * 10 : 0;
  } catch {
    return 0;
  }
}
