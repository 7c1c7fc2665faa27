/** Random lives of a published chain, for property tests. */
import fc from 'fast-check';
import type { PublishedChain, Transfer } from './published-chain.ts';

export type ChainStep =
  | { readonly kind: 'grow'; readonly transfers: readonly Transfer[] }
  | {
      readonly kind: 'fork';
      readonly depth: number;
      readonly branch: readonly (readonly Transfer[])[];
    }
  | { readonly kind: 'back' }
  | { readonly kind: 'revise'; readonly depth: number; readonly transfers: readonly Transfer[] }
  | { readonly kind: 'finalize'; readonly depth: number }
  | { readonly kind: 'publish'; readonly hasLateMarkers: boolean };

const transfers: fc.Arbitrary<Transfer[]> = fc.array(
  fc.record({ token: fc.nat({ max: 4 }), to: fc.nat({ max: 3 }), amount: fc.nat({ max: 99 }) }),
  { maxLength: 4 },
);

export const chainStep: fc.Arbitrary<ChainStep> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('grow' as const), transfers }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fork' as const),
      depth: fc.integer({ min: 1, max: 4 }),
      branch: fc.array(transfers, { maxLength: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('back' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('finalize' as const), depth: fc.nat({ max: 5 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('publish' as const), hasLateMarkers: fc.boolean() }),
  },
);

/** Also steps that put a block right: rows of lower blocks lie after those of higher ones then. */
export const anyStep: fc.Arbitrary<ChainStep> = fc.oneof(
  { weight: 4, arbitrary: chainStep },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('revise' as const),
      depth: fc.nat({ max: 4 }),
      transfers,
    }),
  },
);

export function takeStep(chain: PublishedChain, step: ChainStep): void {
  if (step.kind === 'grow') chain.grow(step.transfers);
  if (step.kind === 'fork') chain.fork(step.depth, step.branch);
  if (step.kind === 'back') chain.back();
  if (step.kind === 'revise') chain.revise(step.depth, step.transfers);
  if (step.kind === 'finalize') chain.finalize(step.depth);
  if (step.kind === 'publish') chain.publish(step.hasLateMarkers);
}
