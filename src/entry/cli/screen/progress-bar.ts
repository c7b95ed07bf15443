import type { Screen } from './screen.ts';

const BAR = 24;
const QUIET_MS = 5_000;

/** How far something is, from 0 to 1, with a word beside it. */
export type ProgressBar = (share: number, beside: string) => void;

/** A bar on a terminal; elsewhere a line every five seconds, made by `line`. */
export function progressBar(screen: Screen, line: (percent: number, beside: string) => string): ProgressBar {
  let told = performance.now();
  return (far, beside) => {
    const share = Math.min(1, Math.max(0, far));
    const done = Math.round(share * BAR);
    if (screen.live) return screen.redraw(`[${'='.repeat(done)}${' '.repeat(BAR - done)}] ${beside}`);
    if (performance.now() - told < QUIET_MS) return;
    told = performance.now();
    screen.complain(line(Math.floor(share * 100), beside));
  };
}
