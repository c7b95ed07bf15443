/** Seeds that once found something, with what it was; they are lived first, for ever. */
export const memorable: readonly { readonly seed: number; readonly found: string }[] = [];
