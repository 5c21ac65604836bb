/**
 * A field's name as a gateway sees it that makes variables of fields: it cannot tell "-" from "_" or "."
 * (RFC 3875 section 4.1.18). Two names that fold to one are one field to the application behind it.
 */
export function foldedName(name: string): string {
  return name.toLowerCase().replace(/[^a-z\d]/g, "-");
}
