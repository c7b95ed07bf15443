import { applyCatalog } from '../../../flows/edits/apply-catalog.ts';
import { diffCatalog } from '../../../flows/edits/diff-catalog.ts';
import { actorHere } from '../actor.ts';
import { diffWords } from '../screen/diff-words.ts';
import { counted } from '../screen/wording.ts';
import { answer, Failed, type House, SomethingToDo } from '../verb.ts';
import { withContext } from '../with-context.ts';

export type Diffing = { readonly json?: boolean; readonly file?: string; readonly exitCode?: boolean };
export type Applying = {
  readonly json?: boolean;
  readonly file?: string;
  readonly digest: string;
  readonly reason?: string;
};

/** Shows what an edit of the catalog would do; with --exit-code a pipeline learns whether that is anything. */
export async function diff(house: House, options: Diffing): Promise<void> {
  const { file } = await house.runtime.checkCatalog(options.file ?? null);
  await withContext(house, async (ctx) => {
    const diffed = await diffCatalog(ctx, { file });
    if (diffed.kind === 'faults') throw unreadable(house, options, file, diffed.faults);
    const { diff: shown, warnings } = diffed;
    answer(house.screen, options, { ...shown, warnings }, () => diffWords(shown, file, house.screen.width));
    if (warnings.length > 0 && options.json !== true)
      house.screen.complain(`${counted(warnings.length, 'warning')}: see "dueday catalog check"`);
    if (shown.faults.length > 0) throw new Failed(`${file} cannot be applied: ${shown.faults.join('; ')}.`);
    if (options.exitCode === true && !shown.nothing_to_do) throw new SomethingToDo();
  });
}

/** Puts an edit in force that was shown. */
export async function apply(house: House, options: Applying): Promise<void> {
  const { file } = await house.runtime.checkCatalog(options.file ?? null);
  await withContext(house, async (ctx) => {
    const { digest, reason = null } = options;
    const applied = await applyCatalog(ctx, { source: { file }, digest, reason, actor: actorHere() });
    switch (applied.kind) {
      case 'faults':
        throw unreadable(house, options, file, applied.faults);
      case 'refused':
        throw new Failed(applied.detail);
      case 'nothing_to_do':
        return answer(
          house.screen,
          options,
          { applied: false, version: applied.version },
          () => `Nothing to do: version ${applied.version} is in force, and is this text.`,
        );
      case 'applied':
        return answer(
          house.screen,
          options,
          { applied: true, ...applied },
          () =>
            `Version ${applied.version} is in force, in the place of version ${applied.from}. Each daemon works by it within a minute.`,
        );
    }
  });
}

/** Every fault of a text, each once, where a program and where a person reads them. */
function unreadable(
  { screen }: House,
  options: { readonly json?: boolean },
  file: string,
  faults: readonly string[],
): Failed {
  answer(screen, options, { digest: null, plans: [], faults }, () => faults.join('\n'));
  return new Failed(`${file} has ${counted(faults.length, 'fault')}.`);
}
