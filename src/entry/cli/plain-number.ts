import { NotUnderstood } from './verb.ts';

/** The number that somebody typed, in plain digits: what a person reads as one number is no other one to us. */
export function plainNumber(option: string, text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new NotUnderstood(`${option}: "${text}" is no number in plain digits.`);
  return Number(text);
}

export function wholeNumber(option: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new NotUnderstood(`${option}: "${text}" is no whole number in plain digits.`);
  return Number(text);
}
