/** What XML 1.0 cannot hold, and what Excel reads as the code of a letter. */
const UNWRITABLE = /(?![\t\n])[\p{Cc}\p{Cs}\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)/gu;
/** Text without any of these is written as it is. */
const TO_ESCAPE = /[&<>_\p{Cc}\p{Cs}\ufffe\uffff]/u;
/** A cell of Excel holds no more letters (32,767), each of them a code unit of UTF-16. */
const MOST_LETTERS = 32_600;
const CUT = ' ... (cut here, since a cell of Excel holds no more; the CSV has all of it)';

/** A text as a cell of SpreadsheetML has it: letters that XML cannot hold by their code, `_x0000_` (ECMA-376, part 1, 22.9.2.19). */
export function xmlText(text: string): string {
  if (text.length > MOST_LETTERS) return xmlText(text.slice(0, MOST_LETTERS)) + CUT;
  if (!TO_ESCAPE.test(text)) return text;
  const coded = text.replace(UNWRITABLE, (letter) => `_x${hex(letter)}_`);
  return coded.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function hex(letter: string): string {
  return letter.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
}
