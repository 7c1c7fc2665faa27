/** The nodes of a Basalt source, each with its own budget of requests. */
import { AdmittedNodes } from '../following/admitted-nodes.ts';
import type { SourceRuntime } from '../source.ts';
import type { BasaltConfig } from './config.ts';
import { BasaltNode } from './node.ts';
import { RequestBudget } from './request-budget.ts';

export type BasaltNodes = AdmittedNodes<BasaltNode>;

/** By address: a budget outlives the connections, because the node's counting does. */
export type RequestBudgets = Map<string, RequestBudget>;

/** Cheap, no I/O. */
export function createBasaltNodes(
  config: BasaltConfig,
  runtime: SourceRuntime,
  budgets: RequestBudgets,
): BasaltNodes {
  const budgetOf = (origin: string): RequestBudget => {
    const known = budgets.get(origin);
    const budget = known ?? new RequestBudget({ ...config, clock: runtime.clock });
    budgets.set(origin, budget);
    return budget;
  };
  return new AdmittedNodes(
    { ...config, http: config.rest },
    runtime,
    (http) => new BasaltNode(http, budgetOf(http.origin), runtime),
  );
}
