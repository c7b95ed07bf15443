/** How far an import is: `of` null, nobody knows how much there is; `until` when it will be done as things go. */
export type Progress = {
  readonly step: 'reading' | 'asking' | 'creating' | 'switching';
  readonly done: number;
  readonly of: number | null;
  readonly until: Temporal.Instant | null;
};
export type Watch = (progress: Progress) => void;
