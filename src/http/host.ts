/** A plain `Host` (RFC 9110 section 7.2): a name or an address in brackets, and perhaps a port. */
export const HOST: RegExp = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;
