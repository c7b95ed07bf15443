import type { AsSeen, Context } from '../../../../context.ts';
import type { Meanwhile } from '../../../../flows/views/acts/meanwhile.ts';
import type { FieldFault } from '../../validation.ts';
import type { ShownState } from '../frame/symbols.ts';
import type { Asked, Given } from './asked.ts';

/** Something that people decide about, as it stood when they looked. */
export type Subject = {
  readonly id: string;
  /** What moves when anything of it does: a form is good for what its page showed. */
  readonly seen: string;
  /** The same as the ledger has it, so that nothing is done to what moves in between; null where it is in no ledger. */
  readonly asSeen: AsSeen | null;
  /** `sub-12206, cycle 8`. */
  readonly name: string;
  /** The reference of its subscription, in whose chain of the ledger it stands; left out: that is its name. */
  readonly reference?: string;
  /** Its page. */
  readonly path: string;
  /** What it is about in money; null: nothing. */
  readonly money: string | null;
  readonly now: ShownState;
};

/** The place in the ledger that a form was made at; what is none begins at the first entry. */
export function placeSeen(seen: string): number {
  return Number(/^\d{1,9}/.exec(seen)?.[0] ?? 0);
}

/** A kind of thing with all that people may do to it by a page; `base` is where these pages lie. */
export type Thing<S extends Subject = Subject> = {
  readonly base: string;
  readonly one: string;
  readonly many: string;
  /** What its ids look like; left out: as ours do. */
  readonly isId?: (text: string) => boolean;
  /** Those of these ids that there are. */
  readonly load: (ctx: Context, ids: readonly string[]) => Promise<readonly S[]>;
  readonly since: (ctx: Context, subject: S, seen: string) => Promise<readonly Meanwhile[]>;
  readonly deeds: readonly Deed<S>[];
};

/** One thing that may be done: what it is called, whether it may be done, what it would do, and what does it. */
export type Deed<S extends Subject = Subject> = {
  readonly verb: string;
  /** On the button that leads to its page. */
  readonly word: string;
  /** What is done, with `what` it is done to: "Void IDR 150,000", "Void 2 charges". */
  readonly saying: (what: string) => string;
  /** In the note when it is done: "Voided". */
  readonly past: string;
  /** Why it cannot be done to this one as it stands, by whoever looks; null: it can. */
  readonly refusal: (subject: S, actor: string) => string | null;
  /** What would happen, in whole sentences. */
  readonly lede: (subjects: readonly S[]) => string;
  /** How it would stand then, and what holds all the same. */
  readonly after: (subject: S) => ShownState;
  readonly bounds: (subject: S) => string;
  /** What it leaves as it is. */
  readonly untouched: string;
  /** Where its reason is kept; left out: in the ledger, with what it did. */
  readonly reasonIn?: 'activity';
  /** What is asked beside the reason. */
  readonly asks: (subjects: readonly S[]) => readonly Asked[];
  /**
   * What it would come to as it is asked for. Where it is left out nothing depends on what is asked, and one page shows and asks all; else
   * that is asked first, and what would happen is shown with the reason.
   */
  readonly workedOut?: (ctx: Context, subject: S, by: Omit<By, 'reason'>) => Promise<WorkedOut>;
  readonly act: (ctx: Context, subject: S, by: By) => Promise<Acted>;
  /** What is so now, in a sentence. */
  readonly done: (subject: S) => string;
};

export type By = { readonly actor: string; readonly reason: string; readonly given: Given };

/** What a deed would come to: nothing of it is done. */
export type WorkedOut =
  | {
      readonly kind: 'shown';
      /** What the button does, with its money: "Refund IDR 49,000". */
      readonly saying: string;
      readonly after: ShownState;
      readonly money: string | null;
      readonly bounds: string;
      /** What else it comes to, a line each. */
      readonly lines: readonly (readonly [name: string, value: string])[];
      /** What was asked, as it is done: in the place of what was typed. */
      readonly given: Given;
    }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'invalid'; readonly faults: readonly FieldFault[] };

export type Acted =
  | {
      readonly kind: 'done';
      /** What came of it, where only the deed itself knows. */
      readonly said?: string;
      readonly links?: readonly { readonly path: string; readonly name: string }[];
    }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'invalid'; readonly faults: readonly FieldFault[] };
