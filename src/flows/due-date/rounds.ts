import type { AccountContext } from '../../context.ts';
import { errorFacts } from '../../infra/logger.ts';
import { giveUpWaiting } from './give-up-waiting.ts';
import { openCharges } from './open-charges.ts';
import { probeChannels } from './probe-channels.ts';
import { resumePaused } from './resume-paused.ts';
import { applyPlanned } from './terms/apply-planned.ts';

/** However long charging takes, what falls due meanwhile is opened this often. */
const EVERY_SECONDS = 60;

/**
 * What must not wait for the last charge of a run: while Xendit throttles or is away, a run may take hours. A round is made
 * when the run begins, and then between two claims, a minute after the one before.
 */
export class Rounds {
  readonly #ctx: AccountContext;
  #last: Temporal.Instant | null = null;
  #probing: Promise<unknown> | null = null;
  /** A channel was tried, or goes on: some of its charges may be due now. */
  #probed = false;

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
  }

  /** Makes a round if it is time for one; whether it was. */
  async make(now: Temporal.Instant): Promise<boolean> {
    if (!this.#isTime(now)) return false;
    this.#last = now;
    await openCharges(this.#ctx, now);
    await applyPlanned(this.#ctx, now);
    if (await resumePaused(this.#ctx, now)) await openCharges(this.#ctx, now);
    await giveUpWaiting(this.#ctx, now);
    // Whether a stopped channel works again is found out beside those that do.
    this.#probing ??= this.#probeBeside();
    return true;
  }

  /** Tries the stopped channels a last time; whether a charge may be tried now that had to wait for its channel. */
  async end(): Promise<boolean> {
    await this.#probing;
    // Those that came to wait for their channel in this run may be the first that tell of it.
    await this.#probeBeside();
    return this.#probed;
  }

  async #probeBeside(): Promise<void> {
    try {
      if (await probeChannels(this.#ctx)) this.#probed = true;
    } catch (error) {
      this.#ctx.log.error('stopped channels could not be tried', errorFacts(error));
    } finally {
      this.#probing = null;
    }
  }

  /** A clock that was set back makes a round early, rather than none for as long as the step. */
  #isTime(now: Temporal.Instant): boolean {
    if (this.#last === null) return true;
    const passed = now.since(this.#last).total('seconds');
    return passed < 0 || passed >= EVERY_SECONDS;
  }
}
