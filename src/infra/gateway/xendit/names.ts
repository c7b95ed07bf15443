/** Letters that no accent can be taken off, as they are spelled without them. */
const SPELLED: Readonly<Record<string, string>> = {
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  ß: 'ss',
  ẞ: 'SS',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  þ: 'th',
  Þ: 'Th',
  ı: 'i',
  ħ: 'h',
  Ħ: 'H',
  ŋ: 'ng',
  Ŋ: 'Ng',
};

const LONGEST = 50;

/**
 * A name as Xendit takes it: letters and digits alone, 50 at most ("Alphanumeric. No special characters is allowed.",
 * docs.xendit.co/apidocs/create-session). Accents are taken off, all else is left out; null when nothing is left, as of a name
 * in another script.
 */
export function plainName(name: string): string | null {
  const spelled = Array.from(name.normalize('NFKD'), (letter) => SPELLED[letter] ?? letter).join('');
  const plain = spelled.replace(/[^A-Za-z0-9]/g, '').slice(0, LONGEST);
  return plain === '' ? null : plain;
}
