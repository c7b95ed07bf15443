/*
 * Raw card data: what is saved of a card is saved at Xendit. A number of a card that reached us would stand in books that nobody can edit, and
 * whoever stores one has to keep the rules of PCI DSS.
 */

/** Digits as people write them: alone, or in groups with blanks or hyphens. No letter or plus stands beside them. */
const WRITTEN = /(?<![\p{L}\d+])\d+(?:[ -]\d+)*(?![\p{L}\d])/gu;

/** How the numbers of a network begin, and how long they are: no telephone number is so long. */
const NETWORKS: readonly RegExp[] = [
  /^4(?:\d{15}|\d{18})$/,
  /^(?:5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d{2}|7[01]\d|720)\d{12})$/,
  /^3[47]\d{13}$/,
  /^3(?:528|529|5[3-8]\d|337)\d{12}$/,
  /^(?:50|5[6-9]|6\d)\d{14,17}$/,
];
const SHORTEST = 15;
const LONGEST = 19;

/** Whether a text has what can be nothing else than the number of a card: of a known network, with its check digit. */
export function holdsCardNumber(text: string): boolean {
  return [...text.matchAll(WRITTEN)].some(([run]) => runsOf(run.split(/[ -]/)).some(isCardNumber));
}

/** What neighbouring groups come to, where that is as long as the number of a card. */
function runsOf(groups: readonly string[]): readonly string[] {
  return groups.flatMap((_, from) => {
    const runs: string[] = [];
    for (let [to, digits] = [from, groups[from] ?? '']; to < groups.length && digits.length <= LONGEST; ) {
      if (digits.length >= SHORTEST) runs.push(digits);
      to += 1;
      digits += groups[to] ?? '';
    }
    return runs;
  });
}

function isCardNumber(digits: string): boolean {
  return NETWORKS.some((network) => network.test(digits)) && hasCheckDigit(digits);
}

/** ISO/IEC 7812-1, annex B. */
function hasCheckDigit(digits: string): boolean {
  const sum = Array.from(digits)
    .toReversed()
    .reduce((so, digit, place) => {
      const value = Number(digit) * (place % 2 === 1 ? 2 : 1);
      return so + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}

/** Fields that have no other use than to hold the details of a card. */
const NAMES = new Set(['card_details', 'card_number', 'cvn', 'cvv', 'cvc', 'pan']);

export function isOfACard(name: string): boolean {
  return NAMES.has(name.toLowerCase());
}
