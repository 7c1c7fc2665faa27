/** A refused request: 400 with the member at fault. */
export class RestError extends Error {
  readonly member: string;

  constructor(member: string, message: string) {
    super(message);
    this.member = member;
  }

  /** The body of the answer. */
  get body(): string {
    return JSON.stringify({ code: 400, errors: { [this.member]: this.message } });
  }
}
