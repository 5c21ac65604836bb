/**
 * A test issuer, hostile tokens and a knock, to test how your application uses tokens.
 *
 * @module postern/testing
 */

export * from "../testing/index.ts";
export type { FetchHandler } from "./fetch-carrier.ts";
export { describeKnock, type KnockOptions, knock } from "./knock.ts";
export type { Family, KnockReport, KnockResult, Outcome, Verdict } from "./types.ts";
