import { bounds } from "./bounds.js";
import { documents } from "./documents.js";
import { hostile } from "./hostile.js";
import { http } from "./http.js";
import { keySet } from "./key-set.js";
import { requests } from "./requests.js";
import { verification } from "./verification.js";

/** One suite for every runtime: a title and a case, which is given the library and an origin. */
export const cases = Object.entries({
  ...documents,
  ...verification,
  ...hostile,
  ...requests,
  ...keySet,
  ...bounds,
  ...http,
});
