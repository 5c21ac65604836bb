/** Types with optional members that are not options, by name, with the reason. */
export const NOT_OPTIONS: Readonly<Record<string, string>> = {
  TokenErrorDetails: "facts of an error: data",
  KeySetErrorDetails: "facts of an error: data",
  KeySet: "a key set of the caller's own, which may have more members",
  KeySetRequest: "what a key set asks its fetcher for",
  FetchInit: "what a key set passes to its fetch function",
  GatewayEvent: "a request, as AWS passes it",
  Headed: "a request",
  GuardedRequest: "a request",
  UpgradeRequest: "a request",
  UpgradeRequestLike: "a request",
  McpRequest: "a request",
  AuthInfo: "facts about a request, in the shape of the MCP SDK",
  H3EventLike: "a request, as h3 holds it",
};

/** Options that another part of this library passes on, at the places that match. */
export const HANDED_OVER: readonly (readonly [site: RegExp, why: string])[] = [
  [/^postern\/checks \w+\(\)\(call\)$/, "a verifier passes its check the options of the call"],
];
