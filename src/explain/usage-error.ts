/** A mistake in the input. The message says what was expected. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}
