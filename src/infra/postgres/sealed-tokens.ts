import type { Place, Vault } from '../vault/vault.ts';
import type { NewToken, SealedToken, TokenRow } from './change-columns.ts';

export const placeOfToken = (id: string): Place => ({ table: 'tokens', id, column: 'token_id' });

/** A new payment token on its way into the database. */
export function sealedToken(vault: Vault, token: NewToken) {
  const tokenId = vault.seal(placeOfToken(token.id), token.tokenId);
  return { ...token, tokenId, tokenIndex: vault.index(token.tokenId), sealedWith: vault.sealsWith };
}

/** A stored payment token as it is worked with; one that cannot be opened stops nobody from reading the row. */
export function openedToken(vault: Vault, { tokenIndex: _index, sealedWith: _key, ...row }: SealedToken): TokenRow {
  return { ...row, tokenId: vault.open(placeOfToken(row.id), row.tokenId) };
}

/** Rows as they came from the database, with their payment tokens opened. */
export function opened<Row extends { readonly token: SealedToken | null }>(
  vault: Vault,
  rows: readonly Row[],
): (Omit<Row, 'token'> & { readonly token: TokenRow | null })[] {
  return rows.map(({ token, ...row }) => ({ ...row, token: token === null ? null : openedToken(vault, token) }));
}
