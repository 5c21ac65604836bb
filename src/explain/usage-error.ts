/** The person's mistake: the message says what was expected, and help is offered. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}
