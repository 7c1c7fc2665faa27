/** What another process may ask of a simulator: the parts of a request, checked one by one. */
import { FatalError } from '../../model/errors.ts';
import type { Item } from './json.ts';

/** Names and what each stands for. */
export type Names<Name extends string> = Readonly<Record<Name, string>>;

const goingAway = 1001;
const numbers = ['times', 'status', 'retryAfterSeconds', 'delayMs', 'depth', 'code'] as const;
const texts = ['channel', 'symbol', 'dataset', 'path', 'text'] as const;

/** The verb of a request. Throws `devnet.request_refused` when there is no such verb. */
export function verbOf<Verb extends string>(request: Item, verbs: Names<Verb>): Verb {
  const { verb } = request;
  if (isOneOf(verbs, verb)) return verb;
  throw refused(`There is no ${JSON.stringify(verb)}; there are ${listed(verbs)}.`);
}

/** The fault that a request names. Throws `devnet.request_refused` when there is no such fault. */
export function faultOf<Fault extends string>({ name }: Item, faults: Names<Fault>): Fault {
  if (isOneOf(faults, name)) return name;
  throw refused(`There is no fault ${JSON.stringify(name)}; there are ${listed(faults)}.`);
}

/** What a request says of a fault beside its name. Throws `devnet.request_refused`. */
export function faultMembers(request: Item): Readonly<Record<string, number | string>> {
  const members: Record<string, number | string> = {};
  for (const member of numbers) {
    const value = request[member];
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
      throw refused(`${member} is ${JSON.stringify(value)}, expected a natural number.`);
    }
    members[member] = value;
  }
  for (const member of texts) {
    const value = request[member];
    if (value === undefined) continue;
    if (typeof value !== 'string') {
      throw refused(`${member} is ${JSON.stringify(value)}, expected text.`);
    }
    members[member] = value;
  }
  return members;
}

/** The depth that a request asks for, 1 by default. Throws `devnet.request_refused`. */
export function depthOf({ depth = 1 }: Item, depthMax: number): number {
  if (Number.isInteger(depth) && Number(depth) >= 1 && Number(depth) <= depthMax) {
    return Number(depth);
  }
  throw refused(`A depth of 1 to ${depthMax} is possible now, not ${JSON.stringify(depth)}.`);
}

/** A text that a request must have. Throws `devnet.request_refused`. */
export function textOf(request: Item, member: string): string {
  const value = request[member];
  if (typeof value === 'string') return value;
  throw refused(`${member} is ${JSON.stringify(value ?? null)}, expected text.`);
}

/** The code that connections are to be closed with, 1001 by default. Throws `devnet.request_refused`. */
export function closeCodeOf({ code = goingAway }: Item): number {
  const isCode =
    code === 1000 || code === goingAway || (Number(code) >= 1007 && Number(code) <= 1014);
  if (isCode) return Number(code);
  throw refused(`A server cannot close with ${code}; it can with 1000, 1001, 1007 to 1014.`);
}

/** A request that cannot be carried out. */
export function refused(message: string): FatalError {
  return new FatalError('devnet.request_refused', { stage: 'devnet', message });
}

function isOneOf<Name extends string>(names: Names<Name>, given: unknown): given is Name {
  return typeof given === 'string' && Object.hasOwn(names, given);
}

function listed(names: Names<string>): string {
  return Object.keys(names).join(', ');
}
