import { getTableColumns } from 'drizzle-orm';
import type { Place, Vault } from '../../vault/vault.ts';
import type { NewToken, TokenRow } from '../schema/method-columns.ts';
import { tokens } from '../schema/methods.ts';

export const placeOfToken = (id: string): Place => ({ table: 'tokens', id, column: 'token_id' });

/** A new payment token on its way into the database. */
export function sealedToken(vault: Vault, token: NewToken) {
  const tokenId = vault.seal(placeOfToken(token.id), token.tokenId);
  return { ...token, tokenId, tokenIndex: vault.index(token.tokenId), sealedWith: vault.sealsWith };
}

/** What is read of a payment token: neither its index nor the name of its key is worked with. */
const { tokenIndex: _index, sealedWith: _key, ...columns } = getTableColumns(tokens);
export const sealedTokens = columns;

/** As much of it as charging with it depends on. */
export const chargingTokens = {
  bucket: tokens.bucket,
  id: tokens.id,
  tokenId: tokens.tokenId,
  channelCode: tokens.channelCode,
  country: tokens.country,
  network: tokens.network,
  status: tokens.status,
  savedFor: tokens.savedFor,
  recurringFrequency: tokens.recurringFrequency,
  recurringExpiry: tokens.recurringExpiry,
};
export type ChargingToken = Pick<TokenRow, keyof typeof chargingTokens>;

type Sealed = { readonly id: string; readonly tokenId: string };
type Opened<Token> = Omit<Token, 'tokenId'> & Pick<TokenRow, 'tokenId'>;

/** A stored payment token as it is worked with; one that cannot be opened stops nobody from reading the row. */
export function openedToken<Token extends Sealed>(vault: Vault, token: Token): Opened<Token> {
  return { ...token, tokenId: vault.open(placeOfToken(token.id), token.tokenId) };
}

/** Rows as they came from the database, with their payment tokens opened. */
export function opened<Token extends Sealed, Row extends { readonly token: Token | null }>(
  vault: Vault,
  rows: readonly Row[],
): (Omit<Row, 'token'> & { readonly token: Opened<NonNullable<Row['token']>> | null })[] {
  return rows.map((row) => ({ ...row, token: row.token === null ? null : openedToken(vault, row.token) }));
}
