import type { Context } from '../../context.ts';
import { reachedIssuer } from '../../domain/declines/decline.ts';
import { type AttemptDossier, attemptDossiers } from '../../infra/tables/charges/attempts.ts';
import { type EndedMethod, historyOf, type TokenHistory } from '../../infra/tables/charges/past-attempts.ts';
import { sentBefore } from '../change/sent-at.ts';

/** What the past says of a token that is about to be charged, or was. */
export type TokenPast = {
  /** Declines of this method for this amount, whichever session saved it; `except` leaves one attempt out. */
  declinedAt(amount: bigint, except: string | null): readonly Temporal.Instant[];
  /** The last attempt under this mandate that reached the issuer or may have; `except` leaves one out. */
  lastReached(except: string | null): Temporal.Instant | null;
  /** How the same method ended as another subscription's, since it was saved for this one; null while it lives. */
  readonly ended: EndedMethod | null;
};

/** Longer than the longest window of any limit and than most mandates; a yearly mandate is kept by its cycle. */
const LOOK_BACK_HOURS = 400 * 24;

/** The past of these tokens, read in one query. */
export async function tokenPasts(
  ctx: Context,
  tokenIds: readonly string[],
  now: Temporal.Instant,
): Promise<(tokenId: string | null) => TokenPast> {
  const since = now.subtract({ hours: LOOK_BACK_HOURS });
  const { attempts: stored, endings } = await historyOf(ctx.db, ctx.buckets, [...new Set(tokenIds)], since);
  const sentAtOf = await sentBefore(
    ctx,
    stored.map((row) => row.sentAt),
    now,
  );
  const rows = sentAtOf === null ? stored : stored.map((row) => ({ ...row, sentAt: sentAtOf(row.sentAt) }));
  const byToken = Map.groupBy(rows, (row) => row.tokenId);
  const endedBy = new Map(endings.map((ending) => [ending.tokenId, ending]));
  return (tokenId) => ({ ...past(byToken.get(tokenId ?? '') ?? []), ended: endedBy.get(tokenId ?? '') ?? null });
}

/** Attempts with what a decision about them needs. */
export async function dossiersOfAttempts(
  ctx: Context,
  ids: readonly string[],
  now: Temporal.Instant,
): Promise<readonly AttemptDossier[]> {
  const dossiers = await attemptDossiers(ctx.db, ctx.buckets, ids);
  const sentAtOf = await sentBefore(
    ctx,
    dossiers.map(({ attempt }) => attempt.sentAt),
    now,
  );
  if (sentAtOf === null) return dossiers;
  return dossiers.map((dossier) => ({
    ...dossier,
    attempt: { ...dossier.attempt, sentAt: sentAtOf(dossier.attempt.sentAt) },
  }));
}

function past(rows: readonly TokenHistory[]): Omit<TokenPast, 'ended'> {
  return {
    declinedAt(amount, except) {
      return rows
        .filter(
          (row) =>
            row.outcome === 'declined' && row.amount === amount && row.attemptId !== except && countsForNetwork(row),
        )
        .map((row) => row.sentAt);
    },
    lastReached(except) {
      const reached = rows.filter(
        (row) =>
          row.isOwn &&
          row.attemptId !== except &&
          row.outcome !== 'refused' &&
          (row.outcome !== 'declined' || counts(row)),
      );
      return (
        reached
          .map((row) => row.sentAt)
          .sort(Temporal.Instant.compare)
          .at(-1) ?? null
      );
    },
  };
}

function counts(row: TokenHistory): boolean {
  return row.class === null || reachedIssuer(row.class);
}

/** The networks count whatever they answered themselves, "issuer unavailable" too (docs/xendit.md 10). */
function countsForNetwork(row: TokenHistory): boolean {
  return counts(row) || row.networkCode !== null;
}
