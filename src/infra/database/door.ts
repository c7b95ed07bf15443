/** The one way to the database: a statement with its parameters goes in, rows or a `DatabaseError` come out. */
export type Door = {
  rows<T>(text: string, params: readonly unknown[], shape: Shape): Promise<T[]>;
  close(): Promise<void>;
};

/** Rows as objects by column, or as arrays in the order of the columns. */
export type Shape = 'objects' | 'values';
