import { equal, ok, refused } from "./assert.js";

/** `postern/testing` is a library for any runtime too; here its hostile tokens attack this one. */
export const testIssuer = {
  async "accepts the tokens of a test issuer"(postern, { testing }) {
    const { issuer, verify } = await doorOf(postern, testing);
    const user = await verify(await issuer.userToken({ email: "ada@example.com" }));
    equal([user.principal.kind, user.principal.email], ["user", "ada@example.com"]);
    equal((await verify(await issuer.serviceToken())).principal.kind, "service");
    await refused(verify(await issuer.orgToken()), "token_type_mismatch");
  },

  async "refuses every hostile token of a test issuer"(postern, { testing }) {
    const { issuer, safeVerify } = await doorOf(postern, testing);
    const attacks = await issuer.hostileTokens({ carrier: "string" });
    ok(attacks.length > 100, "there are more than a hundred attacks");
    const through = [];
    for (const { name, token } of attacks) {
      const { error } = await safeVerify(token);
      if (error?.name !== "TokenError") through.push(name);
    }
    equal(through, [], "attacks that were not refused");
  },

  async "follows the rotation of a test issuer"(postern, { testing }) {
    const { issuer, keys, verify } = await doorOf(postern, testing);
    const before = await issuer.userToken();
    await verify(before);
    await issuer.rotate();
    equal((await verify(await issuer.userToken())).issuer, issuer.issuer);
    equal((await verify(before)).issuer, issuer.issuer);
    issuer.withdraw(keys.state.kids.find((kid) => kid !== issuer.kid));
    await keys.refresh();
    await refused(verify(before), "key_not_found");
  },
};

/** An issuer and a guard with its keys, both in this runtime alone. */
async function doorOf({ createVerifier, createRemoteKeySet, accessTeam }, { createTestIssuer }) {
  const issuer = await createTestIssuer({ decoyKeys: true });
  const { issuer: team, audience, fetch } = issuer;
  const keys = createRemoteKeySet(accessTeam(team).certsUrl, { fetch, cooldownSeconds: 0.25 });
  return { issuer, keys, ...createVerifier({ team, audience, keys }) };
}
