import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { importJwk, type VerificationKey } from "../../src/index.ts";
import { SignatureCheck } from "../../src/verify/signature.ts";
import { publicJwk } from "../support/public-jwk.ts";
import { atOnce } from "../support/story-clock.ts";

let key: VerificationKey;
beforeAll(async () => {
  key = { kid: "key-1", cryptoKey: await importJwk(publicJwk("key-1")) };
});
afterEach(() => {
  vi.restoreAllMocks();
});

type Signed = Parameters<SignatureCheck["findSigner"]>[0];

const unusable = (cause: unknown): Error => new Error("unusable", { cause });

/** A signature that ends in these two bytes. */
function signed(text: string, ...end: [number, number]): Signed {
  const signature = new Uint8Array(256);
  signature.set(end, 254);
  return { text, signature, signingInput: new Uint8Array(1) };
}

describe("signatures under way", () => {
  test("are kept separate a thousand at a time, and are bounded in number", async () => {
    const operations = vi.spyOn(crypto.subtle, "verify").mockResolvedValue(false);
    const check = new SignatureCheck(unusable);
    const results: Promise<unknown>[] = [];
    for (let end = 0; end < 2 ** 16; end += 17) {
      const token = signed(`${end}`, end & 255, end >> 8);
      for (const _again of [1, 2]) results.push(check.findSigner(token, [key]));
    }
    const places = Object.keys(check.flights).map(Number);
    expect(places.every((place) => Number.isInteger(place) && place >= 0 && place < 1024)).toBe(
      true,
    );
    expect(operations).toHaveBeenCalledTimes(results.length / 2);
    await atOnce(Promise.all(results));
    expect(check.flights.every((flight) => flight === undefined)).toBe(true);
  });

  test("have a thousand places of their own", () => {
    vi.spyOn(crypto.subtle, "verify").mockReturnValue(new Promise(() => {}));
    const check = new SignatureCheck(unusable);
    const tokens = Array.from({ length: 1024 }, (_, at) => signed(`${at}`, at & 255, at >> 8));
    for (const _again of [1, 2]) {
      for (const token of tokens) check.findSigner(token, [key]);
    }
    expect(crypto.subtle.verify).toHaveBeenCalledTimes(1024);
  });

  test("keep their place until another token needs it, also after they end", async () => {
    const operations = vi.spyOn(crypto.subtle, "verify").mockReturnValue(new Promise(() => {}));
    operations.mockResolvedValueOnce(false);
    const check = new SignatureCheck(unusable);
    const first = check.findSigner(signed("first", 1, 2), [key]);
    check.findSigner(signed("second", 1, 2), [key]);
    await atOnce(first);
    check.findSigner(signed("second", 1, 2), [key]);
    expect(operations).toHaveBeenCalledTimes(2);
  });
});
