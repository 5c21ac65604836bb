// The headers of a request, in every shape in which a runtime passes them.
import fc from "fast-check";
import { attacker, user as claims, genuine, header, seal } from "../world/world.js";
import { applyEdits, edits } from "./edits.js";

const [user, service] = genuine;
const forged = seal(JSON.stringify(header), JSON.stringify(claims), attacker);

const token = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(user, user, service, genuine[4]) },
  {
    weight: 2,
    arbitrary: edits({ maxLength: 2 }).map((list) => applyEdits(user, list)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(forged, forged, "", "a.b.c", "oauth:x", `"${user}"`, ` ${user} `),
  },
);

const assertion = fc.oneof(
  { weight: 4, arbitrary: token },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.array(token, { maxLength: 3 }), fc.constantFrom(",", ", ", " ,", ";"))
      .map(([tokens, comma]) => tokens.join(comma)),
  },
);

const cookieName = fc.constantFrom(
  ...Array(6).fill("CF_Authorization"),
  ...[" CF_Authorization ", "CF_Authorization"],
  ...["cf_authorization", "CF_AppSession", "XCF_Authorization", "CF_Authorization.x", "", "a"],
);

const cookies = fc
  .tuple(
    fc.array(fc.tuple(cookieName, fc.constantFrom("=", "=", "=", " = ", "", "=="), token), {
      maxLength: 11,
    }),
    fc.constantFrom("; ", ";", " ; ", ", "),
  )
  .map(([pairs, between]) => pairs.map((pair) => pair.join("")).join(between));

const name = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "Cf-Access-Jwt-Assertion",
      "cf-access-jwt-assertion",
      "CF-ACCESS-JWT-ASSERTION",
    ),
  },
  { weight: 3, arbitrary: fc.constantFrom("Cookie", "cookie", "COOKIE") },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...["Cf-Access-Jwt-Assertion ", "Cf_Access_Jwt_Assertion", "Cf-Access-Token", "__proto__"],
      ...["Cf-Access-Authenticated-User-Email", "get", "headers", "constructor"],
      ...["Authorization", "Set-Cookie"],
    ),
  },
);

const oddValue = fc.constantFrom(
  undefined,
  null,
  7,
  true,
  {},
  [],
  [user],
  [user, user],
  [user, service],
);

const field = name.chain((name) => {
  const usual = /cookie/i.test(name) ? cookies : assertion;
  return fc.tuple(
    fc.constant(name),
    fc.oneof(
      { weight: 8, arbitrary: usual },
      { weight: 1, arbitrary: fc.array(usual, { maxLength: 3 }) },
      { weight: 1, arbitrary: oddValue },
    ),
  );
});

export const requests = fc.record({
  shape: fc.constantFrom("plain", "node", "headers", "request", "getter", "bare"),
  fields: fc.array(field, { maxLength: 4 }),
});

/** The request, and what any reader can see of it: its fields, by name in lower case. */
export function makeRequest({ shape, fields }) {
  if (shape === "plain" || shape === "node" || shape === "bare") {
    const headers = shape === "bare" ? Object.create(null) : {};
    for (const [name, value] of fields) {
      Object.defineProperty(headers, name, { value, enumerable: true, configurable: true });
    }
    return [shape === "node" ? { headers } : headers, read(Object.entries(headers))];
  }
  const headers = new Headers();
  const kept = [];
  for (const [name, value] of fields) {
    try {
      const text = String(value);
      headers.append(name, text);
      // A field's value begins and ends without white space (Fetch, "normalize").
      kept.push([name, text.replace(/^[\t\r\n ]+|[\t\r\n ]+$/g, "")]);
    } catch {
      // Such a field cannot be sent.
    }
  }
  if (shape === "request") return [new Request("https://app.example/", { headers }), read(kept)];
  const getter = { get: (name) => headers.get(name), url: "/" };
  return [shape === "getter" ? getter : headers, read(kept)];
}

function read(entries) {
  const found = new Map();
  for (const [name, value] of entries) {
    if (value === undefined || value === null) continue;
    const values = [value].flat().map((item) => (typeof item === "string" ? item : ""));
    const key = name.toLowerCase();
    found.set(key, [...(found.get(key) ?? []), ...values]);
  }
  return found;
}
