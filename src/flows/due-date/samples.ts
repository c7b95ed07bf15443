import { SAMPLE } from '../../domain/control/channel-sign.ts';
import type { ChargeDossier } from '../../infra/tables/charges/charges.ts';
import type { Answered } from './attempt-charges.ts';

/** Charges that go together: those that tell whether their channel works, or any of channels that do. */
export type Part = { readonly due: readonly ChargeDossier[]; readonly sample: string | null };

/** What stands for Xendit as a whole, where it took no request when it was asked last. */
const ANY = '';

/**
 * What one run knows of the channels. A few charges of each go first and are judged together; until they are, the others
 * of that channel wait, and no other channel does.
 */
export class Samples {
  readonly #works = new Set<string>();
  readonly #out = new Set<string>();
  /** Answers that are not settled until more of their channel are in. */
  readonly #kept = new Map<string, readonly Answered[]>();
  #next = Promise.withResolvers<void>();
  /** Nothing gets through to Xendit: the run is over. */
  over = false;

  /** Channels whose first charges are on their way. */
  get out(): readonly string[] {
    return [...this.#out].filter((channel) => channel !== ANY);
  }

  /**
   * Which of these may go now; samples are out from then on, until they are ended. `isHard`: Xendit took no request when it was
   * asked last, so a single one goes.
   */
  parts(due: readonly ChargeDossier[], isHard: boolean): readonly Part[] {
    const parts = this.#split(due, isHard);
    for (const { sample } of parts) if (sample !== null) this.#out.add(sample);
    return parts;
  }

  #split(due: readonly ChargeDossier[], isHard: boolean): readonly Part[] {
    if (due.length === 0) return [];
    if (isHard && !this.#works.has(ANY)) return this.#out.has(ANY) ? [] : [{ due: due.slice(0, 1), sample: ANY }];
    const byChannel = Map.groupBy(due, ({ token }) => token?.channelCode ?? null);
    const free = due.filter(({ token }) => token === null || this.#works.has(token.channelCode));
    const parts: Part[] = free.length === 0 ? [] : [{ due: free, sample: null }];
    for (const [channel, dossiers] of byChannel) {
      if (channel === null || this.#works.has(channel) || this.#out.has(channel)) continue;
      parts.push({ due: dossiers.slice(0, SAMPLE - this.kept(channel).length), sample: channel });
    }
    return parts;
  }

  end(sample: string, works: boolean): void {
    this.#out.delete(sample);
    if (works) this.#works.add(sample);
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }

  get isOut(): boolean {
    return this.#out.size > 0;
  }

  /** The next of them that are on their way are judged. */
  async nextJudged(): Promise<void> {
    if (this.isOut) await this.#next.promise;
  }

  kept(channel: string): readonly Answered[] {
    return this.#kept.get(channel) ?? [];
  }

  keep(channel: string, answers: readonly Answered[]): void {
    this.#kept.set(channel, answers);
  }

  /** All that were kept, once. */
  taken(channel: string): readonly Answered[] {
    const answers = this.kept(channel);
    this.#kept.delete(channel);
    return answers;
  }

  /** The subscriptions of all kept answers. */
  get keptSubscriptions(): ReadonlySet<string> {
    const answers = [...this.#kept.values()].flat();
    return new Set(answers.flatMap(({ seen }) => (seen === undefined ? [] : [seen.subscription.id])));
  }

  get keptChannels(): readonly string[] {
    return [...this.#kept.keys()];
  }
}
