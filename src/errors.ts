/** The two error families: what is wrong with a token, and what is wrong with the keys. */
export * from "./key-set-error.ts";
export * from "./token-error.ts";
