/** Finds out which sources the file names and which options each of them therefore has. */
import { closest } from './closest.ts';
import { isMapping } from './formats.ts';
import type { Mistake } from './mistakes.ts';
import { type OptionTree, variableName } from './option.ts';
import { type AnySource, type Definitions, isRouteName, sourceSchema } from './source-schema.ts';

/** One source whose kind is known. */
export interface SourcePlan {
  readonly name: string;
  readonly definition: AnySource;
  readonly schema: OptionTree;
  /** Routes that the file mentions. */
  readonly configuredRoutes: ReadonlySet<string>;
}

/** The sources that can be read, and what is wrong with the others. */
export interface SourcePlans {
  readonly plans: readonly SourcePlan[];
  /** The part of the file that belongs to them. */
  readonly known: Readonly<Record<string, unknown>>;
  readonly mistakes: Mistake[];
}

/** Looks at the `sources` of the file's tree. */
export function planSources(
  { sources: raw }: Readonly<Record<string, unknown>>,
  definitions: Definitions,
): SourcePlans {
  const mistakes: Mistake[] = [];
  if (!isMapping(raw) || Object.keys(raw).length === 0) {
    const state = raw === undefined || raw === null || isMapping(raw) ? 'missing' : 'not a mapping';
    const message = `is ${state}, expected at least one source: { <name>: { kind: … } }`;
    return { plans: [], known: {}, mistakes: [{ path: 'sources', message }] };
  }
  const plans: SourcePlan[] = [];
  const variables = new Map<string, string>();
  for (const [name, value] of Object.entries(raw)) {
    const problem = nameProblem(name, variables) ?? kindProblem(name, value, definitions);
    if (problem === undefined) plans.push(planSource(name, value, definitions));
    else mistakes.push(problem);
  }
  const known = Object.fromEntries(plans.map(({ name }) => [name, raw[name]]));
  return { plans, known, mistakes };
}

function planSource(name: string, value: unknown, definitions: Definitions): SourcePlan {
  const kind = kindOf(value);
  const definition = definitions[kind];
  if (definition === undefined) throw new Error(`Source kind "${kind}" was checked before.`);
  const routes = routeNames(value);
  return {
    name,
    definition,
    schema: sourceSchema(definition, Object.keys(definitions), routes),
    configuredRoutes: new Set(routes),
  };
}

function routeNames(value: unknown): string[] {
  const { routes } = isMapping(value) ? value : { routes: undefined };
  return isMapping(routes) ? Object.keys(routes) : [];
}

function kindOf(value: unknown): string {
  const { kind } = isMapping(value) ? value : { kind: undefined };
  return typeof kind === 'string' ? kind : '';
}

function nameProblem(name: string, variables: Map<string, string>): Mistake | undefined {
  const path = `sources.${name}`;
  if (!isRouteName(name)) {
    return {
      path,
      message:
        'is not a source name, expected lower-case letters, digits, dashes and underscores, at most 63, a letter first',
    };
  }
  const other = variables.get(variableName([name]));
  variables.set(variableName([name]), name);
  if (other === undefined) return undefined;
  return { path, message: `has the same environment variables as sources.${other}; rename one` };
}

function kindProblem(name: string, value: unknown, definitions: Definitions): Mistake | undefined {
  const kinds = Object.keys(definitions);
  const path = `sources.${name}.kind`;
  if (!isMapping(value)) {
    return { path: `sources.${name}`, message: 'is not a mapping, expected { kind: …, … }' };
  }
  const kind = kindOf(value);
  if (Object.hasOwn(definitions, kind)) return undefined;
  if (kind === '') return { path, message: `is missing, expected one of ${kinds.join(', ')}` };
  const near = closest(kind, kinds);
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  return { path, message: `is "${kind}", expected one of ${kinds.join(', ')}${hint}` };
}
