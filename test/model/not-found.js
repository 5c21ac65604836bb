/** Changes that the short run does not find, and why: { file, line?, stands, becomes, why }. */
export const NOT_FOUND = [];
