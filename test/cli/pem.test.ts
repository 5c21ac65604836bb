import { createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { postern } from "./fake-terminal.ts";
import { JWKS, signed } from "./fixtures.ts";

const files = new Map([["certs.json", JWKS]]);
const BLOCK = /-----BEGIN PUBLIC KEY-----\n[\w+/=\n]+-----END PUBLIC KEY-----\n/g;

describe("postern pem", () => {
  it("prints every key, each below its kid", async () => {
    const { code, out } = await postern(["pem", "certs.json"], { files });
    expect(out.match(/^kid: key-[12]$/gm)).toHaveLength(2);
    const blocks = out.match(BLOCK) ?? [];
    expect(blocks).toHaveLength(2);
    expect(out.replace(BLOCK, "").replace(/kid: key-[12]\n/g, "")).toBe("");
    const [header, payload, signature = ""] = (await signed()).split(".");
    const verifies = blocks.filter((pem) =>
      verify(
        "sha256",
        Buffer.from(`${header}.${payload}`),
        createPublicKey(pem),
        Buffer.from(signature, "base64url"),
      ),
    );
    expect(verifies).toHaveLength(1);
    expect(out.indexOf(verifies[0] as string)).toBe(out.indexOf("kid: key-1\n") + 11);
    expect(code).toBe(0);
  });

  it("prints the key of one kid when asked for it", async () => {
    const { out } = await postern(["pem", "certs.json", "--kid", "key-1"], { files });
    expect(out.match(/^kid: .*$/gm)).toEqual(["kid: key-1"]);
    const missing = await postern(["pem", "certs.json", "--kid", "key-0"], { files });
    expect(missing).toEqual({ code: 3, out: "", err: "There is no usable key with this kid.\n" });
  });

  it("reports on the error output what it skipped", async () => {
    const stdin = JSON.stringify({ keys: [{ kty: "EC", kid: "curve" }, 1] });
    expect(await postern(["pem", "-"], { stdin })).toEqual({
      code: 3,
      out: "",
      err: `\
note: skipped curve: kty is not RSA
note: skipped a key without kid: not an object
No key is usable.
`,
    });
  });

  it("gives the same as JSON", async () => {
    const { out } = await postern(["pem", "certs.json", "--json"], { files });
    const keys = JSON.parse(out);
    expect(keys.map(({ kid }: { kid: string }) => kid).sort()).toEqual(["key-1", "key-2"]);
    for (const { pem } of keys) expect(createPublicKey(pem).asymmetricKeyType).toBe("rsa");
  });

  it("asks for a source of keys", async () => {
    expect((await postern(["pem"])).code).toBe(2);
    expect((await postern(["pem", "certs.json", "--kid", ""], { files })).code).toBe(2);
  });
});
