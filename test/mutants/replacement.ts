/** A wrong design: the text of a rule, and what somebody might have written instead. */
export type Replacement = {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
};

/** The text with its rule replaced, which must be there exactly once: a design that changes nothing proves nothing. */
export function replaced(text: string, design: Replacement): string {
  const parts = text.split(design.from);
  if (parts.length !== 2) {
    throw new Error(`"${design.name}": ${design.file} holds its text ${parts.length - 1} times; bring it up to date.`);
  }
  return parts.join(design.to);
}
