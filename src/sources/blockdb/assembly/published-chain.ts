/** What is published, as the pipeline holds it. */

/** Asked by the assembly about blocks that its session did not see. */
export interface PublishedChain {
  /** Of the block that is published at the height; undefined where none is known. */
  canonicalHash(height: number): string | undefined;
  /** The finalized head; or, while nothing is final, the height below the first block. */
  readonly floor: { readonly height: number; readonly isFinal: boolean };
}
