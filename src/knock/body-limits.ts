/** How much of an answer's body is read: pages are compared by their beginning. */
export const MAX_BYTES = 65_536;
/** How long a body is read. An event stream does not end, so its beginning is enough. */
export const BODY_MS = 1_000;
