/** What a comparison of rows with a chain needs of whoever read them. */
export interface RowReader {
  /** What to show when they differ. */
  readonly picture: string;
  rows(dataset: string): readonly { readonly row: Readonly<Record<string, unknown>> }[];
}
