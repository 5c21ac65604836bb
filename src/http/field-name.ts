/**
 * A header name as a gateway sees it that turns headers into variables: "-", "_" and "." are the same
 * (RFC 3875 section 4.1.18). Two names that fold to one are one header for the application behind it.
 */
export function foldedName(name: string): string {
  return name.toLowerCase().replace(/[^a-z\d]/g, "-");
}
