/** The errors of the hub, with the texts of the framework. */

/** The hub refused a call for this reason. */
export class HubError extends Error {}

/** The arguments of a call do not fit the method. */
export class BindingError extends Error {}

const binding =
  'Error binding arguments. Make sure that the types of the provided values match the types of the hub method being invoked.';

/** The arguments have a wrong JSON type. */
export function wrongType(): BindingError {
  return new BindingError(binding);
}

/** There are too many or too few arguments. */
export function wrongCount(given: number, expected: number): BindingError {
  return new BindingError(
    `Invocation provides ${given} argument(s) but target expects ${expected}.`,
  );
}

/** The error text of the completion of a call to `method`. */
export function completionError(method: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return error instanceof BindingError
    ? `Failed to invoke '${method}' due to an error on the server. InvalidDataException: ${reason}`
    : `An unexpected error occurred invoking '${method}' on the server. HubException: ${reason}`;
}

/** The error text of a call to a method that does not exist. */
export function unknownMethod(method: string): string {
  return `Failed to invoke '${method}' due to an error on the server. HubException: Method does not exist.`;
}
