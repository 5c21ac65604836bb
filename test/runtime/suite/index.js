import { bounds } from "./bounds.js";
import { documents } from "./documents.js";
import { hostile } from "./hostile.js";
import { http } from "./http.js";
import { insecure, withoutSubtle } from "./insecure.js";
import { keySet } from "./key-set.js";
import { realKeys } from "./real-keys.js";
import { requests } from "./requests.js";
import { testIssuer } from "./test-issuer.js";
import { standards } from "./vectors/standards.js";
import { wycheproofFiles } from "./vectors/wycheproof.js";
import { verification } from "./verification.js";

/**
 * One suite for every runtime: a title and a case, which receives the library, and then the origin
 * of an issuer on loopback and the library `postern/testing`.
 * @param vectors the contents of Wycheproof's files, if they are there
 */
export function casesWith(vectors) {
  return Object.entries({
    ...documents,
    ...standards,
    ...verification,
    ...hostile,
    ...requests,
    ...realKeys,
    ...keySet,
    ...bounds,
    ...http,
    ...testIssuer,
    ...withoutSubtle,
    ...(vectors && wycheproofFiles(vectors)),
  });
}

/** What a page without a secure context can do: the same kind of cases. */
export const insecureCases = Object.entries(insecure);
