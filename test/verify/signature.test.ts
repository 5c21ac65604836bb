import { constants, privateEncrypt, publicDecrypt } from "node:crypto";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { decodeBase64Url } from "../../src/encoding/base64url.ts";
import { createVerifier, importJwk, type Verifier } from "../../src/index.ts";
import {
  AUDIENCE,
  apiClaims,
  createSigner,
  ISSUER,
  now,
  part,
  rejection,
  type Signer,
} from "../support/issuer.ts";

// RFC 7515 appendix A.2
const RFC_7515 = {
  jwk: {
    kty: "RSA",
    n: [
      "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4",
      "d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5re",
      "xMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxX",
      "FvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    ].join(""),
    e: "AQAB",
  },
  input:
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
  signature: [
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5",
    "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb",
    "1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO",
    "YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
  ].join(""),
};

// RFC 7520 section 4.1, whose payload is text and no JSON
const RFC_7520 = {
  jwk: {
    kty: "RSA",
    kid: "bilbo.baggins@hobbiton.example",
    use: "sig",
    n: [
      "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmS",
      "CpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-Of",
      "VfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKw",
      "uCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw",
    ].join(""),
    e: "AQAB",
  },
  header: "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9",
  payload:
    "It\u2019s a dangerous business, Frodo, going out your door. You step onto the road, and if you don't keep your feet, there\u2019s no knowing where you might be swept off to.",
  signature: [
    "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xugl",
    "II7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x",
    "8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE",
    "_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg",
  ].join(""),
};

const RS256 = "RSASSA-PKCS1-v1_5";

async function isSigned(
  jwk: typeof RFC_7520.jwk,
  input: string,
  signature: string,
): Promise<boolean> {
  const bytes = decodeBase64Url(signature) as Uint8Array<ArrayBuffer>;
  return crypto.subtle.verify(RS256, await importJwk(jwk), bytes, new TextEncoder().encode(input));
}

describe("a published signature", () => {
  test("of RFC 7515 appendix A.2 holds: the missing parts are found after it", async () => {
    const keys = { keys: [{ ...RFC_7515.jwk, kid: undefined }] };
    const time = (): number => 1_300_819_000_000;
    const verifier = createVerifier({ issuer: "joe", audience: AUDIENCE, keys, now: time });
    await verifier.prefetch();
    const { input, signature } = RFC_7515;
    expect(await rejection(verifier.verify(`${input}.${signature}`))).toMatchObject({
      code: "claim_missing",
      claim: "aud",
      verified: true,
    });
    const [header] = input.split(".");
    const changed = `${header}.${part({ iss: "joe", exp: 1300819380 })}.${signature}`;
    expect(await rejection(verifier.verify(changed))).toMatchObject({ code: "signature_invalid" });
  });

  test("of RFC 7520 section 4.1 holds under the imported key", async () => {
    const { jwk, header, payload, signature } = RFC_7520;
    const input = `${header}.${part(payload)}`;
    expect(await isSigned(jwk, input, signature)).toBe(true);
    expect(await isSigned(jwk, `${input}A`, signature)).toBe(false);
    expect(await isSigned({ ...jwk, n: RFC_7515.jwk.n }, input, signature)).toBe(false);
  });
});

let signer: Signer;
let verifier: Verifier<unknown>;
let input: string;
let signature: Buffer;
beforeAll(async () => {
  signer = await createSigner();
  const keys = { keys: [signer.jwk] };
  verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys, now });
  await verifier.prefetch();
  const token = await signer.token(apiClaims());
  const end = token.lastIndexOf(".");
  input = token.slice(0, end);
  signature = Buffer.from(token.slice(end + 1), "base64url");
});

const judge = (bytes: Uint8Array | number[]): Promise<unknown> =>
  rejection(verifier.verify(`${input}.${Buffer.from(bytes).toString("base64url")}`));

describe("a signature", () => {
  test("of the issuer is accepted", async () => {
    const token = `${input}.${signature.toString("base64url")}`;
    expect(await verifier.verify(token)).toMatchObject({ issuer: ISSUER });
  });

  test.each([
    ["of no bytes", () => []],
    ["of one byte", () => [0]],
    ["of zeros", () => new Uint8Array(256)],
    ["of ones", () => new Uint8Array(256).fill(255)],
    ["of the number one", () => [...new Uint8Array(255), 1]],
    ["one byte short", () => signature.subarray(0, 255)],
    ["without its first byte", () => signature.subarray(1)],
    ["one byte long", () => [...signature, 0]],
    ["with a zero before it", () => [0, ...signature]],
    ["of twice the length", () => [...signature, ...signature]],
    ["reversed", () => [...signature].reverse()],
    ["of another key's length", () => new Uint8Array(512)],
    ["of ten thousand bytes", () => new Uint8Array(10_000)],
  ])("is forged when it is one %s", async (_, bytes) => {
    expect(await judge(bytes())).toMatchObject({ code: "signature_invalid", verified: false });
  });

  test("is forged when any one bit of it differs", async () => {
    for (let bit = 0; bit < signature.length * 8; bit += 61) {
      const changed = Buffer.from(signature);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(await judge(changed)).toMatchObject({ code: "signature_invalid" });
    }
  });

  test("is forged when the modulus is added to its value (RFC 8017 section 5.2.2)", async () => {
    const toInteger = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString("hex")}`);
    const modulus = toInteger(Buffer.from(signer.jwk.n as string, "base64url"));
    const more = (toInteger(signature) + modulus).toString(16);
    const bytes = Buffer.from(more.padStart(more.length + (more.length % 2), "0"), "hex");
    expect(await judge(bytes)).toMatchObject({ code: "signature_invalid" });
  });

  test("is forged when its padding is shorter or followed by more (RFC 8017 section 9.2)", async () => {
    const jwk = await crypto.subtle.exportKey("jwk", signer.privateKey);
    const privateKey = {
      key: jwk as never,
      format: "jwk",
      padding: constants.RSA_NO_PADDING,
    } as const;
    const publicKey = {
      key: signer.jwk as never,
      format: "jwk",
      padding: constants.RSA_NO_PADDING,
    } as const;
    const message = publicDecrypt(publicKey, signature);
    const digestInfo = message.subarray(-51);
    expect(privateEncrypt(privateKey, message).equals(signature)).toBe(true);
    const start = Buffer.from([0, 1]);
    const ones = (length: number): Buffer => Buffer.alloc(length, 255);
    const zero = Buffer.from([0]);
    const withoutNull = Buffer.concat([
      Buffer.from("302f300b0609608648016503040201", "hex"),
      digestInfo.subarray(-34),
    ]);
    for (const pieces of [
      // Eight bytes of padding, with room for a forger after the digest.
      [start, ones(8), zero, digestInfo, Buffer.alloc(256 - 2 - 8 - 1 - 51)],
      // The same with the room before it.
      [start, ones(8), zero, Buffer.alloc(256 - 2 - 8 - 1 - 51), digestInfo],
      // Another block type.
      [Buffer.from([0, 2]), ones(202), zero, digestInfo],
      // The algorithm without its NULL, which RFC 8017 requires there.
      [start, ones(204), zero, withoutNull],
      // The bare digest.
      [start, ones(221), zero, digestInfo.subarray(-32)],
    ]) {
      const block = Buffer.concat(pieces);
      expect(block).toHaveLength(256);
      const forged = privateEncrypt(privateKey, block);
      expect(await judge(forged)).toMatchObject({ code: "signature_invalid" });
    }
  });

  test("of another hash or scheme under the same key is forged", async () => {
    const { createPrivateKey, sign } = await import("node:crypto");
    const jwk = await crypto.subtle.exportKey("jwk", signer.privateKey);
    const key = createPrivateKey({ key: jwk as never, format: "jwk" });
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    for (const bytes of [
      sign("sha384", Buffer.from(input), key),
      sign("sha512", Buffer.from(input), key),
      sign("sha256", Buffer.from(input), { key, padding }),
    ]) {
      expect(await judge(bytes)).toMatchObject({ code: "signature_invalid" });
    }
    expect(sign("sha256", Buffer.from(input), key).equals(signature)).toBe(true);
  });
});

describe("an engine that accepts more than RFC 8017 section 8.2.2 allows", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** A verifier over an engine that accepts every signature. */
  async function lenient(): Promise<{ token: string; guard: Verifier<unknown>; modulus: bigint }> {
    const signer = await createSigner();
    const keys = { keys: [signer.jwk] };
    const guard = createVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys,
      now,
      verdictCache: false,
    });
    await guard.prefetch();
    vi.spyOn(crypto.subtle, "verify").mockResolvedValue(true);
    const modulus = BigInt(`0x${Buffer.from(String(signer.jwk.n), "base64url").toString("hex")}`);
    return { token: await signer.token(apiClaims()), guard, modulus };
  }

  const withSignature = (token: string, change: (signature: Buffer) => Buffer): string => {
    const dot = token.lastIndexOf(".");
    const signature = Buffer.from(token.slice(dot + 1), "base64url");
    return `${token.slice(0, dot)}.${change(signature).toString("base64url")}`;
  };

  const bytesOf = (value: bigint): Buffer =>
    Buffer.from(value.toString(16).padStart(512, "0"), "hex");

  test("is called for a signature in its range", async () => {
    const { token, guard, modulus } = await lenient();
    await expect(guard.verify(token)).resolves.toBeDefined();
    for (const value of [0n, modulus - 1n, modulus - 2n ** 1024n]) {
      const other = withSignature(token, () => bytesOf(value));
      await expect(guard.verify(other)).resolves.toBeDefined();
    }
    expect(crypto.subtle.verify).toHaveBeenCalledTimes(4);
  });

  test("is not called for one that is longer or shorter than the modulus", async () => {
    const { token, guard } = await lenient();
    for (const change of [
      (signature: Buffer) => Buffer.concat([Buffer.alloc(1), signature]),
      (signature: Buffer) => signature.subarray(1),
      () => Buffer.alloc(0),
    ]) {
      const error = await rejection(guard.verify(withSignature(token, change)));
      expect(error).toMatchObject({ code: "signature_invalid" });
    }
    expect(crypto.subtle.verify).not.toHaveBeenCalled();
  });

  test("is not called for one that is the modulus or more", async () => {
    const { token, guard, modulus } = await lenient();
    for (const value of [modulus, modulus + 1n, 2n ** 2048n - 1n]) {
      const error = await rejection(guard.verify(withSignature(token, () => bytesOf(value))));
      expect(error).toMatchObject({ code: "signature_invalid" });
    }
    expect(crypto.subtle.verify).not.toHaveBeenCalled();
  });
});
