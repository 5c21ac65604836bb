import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { refusal } from "../../src/local/own-origin.ts";

it("accepts a Host without the default port", () => {
  const status = (host: string, port: number): number | undefined => {
    const request = { rawHeaders: ["Host", host], url: "/", headers: { host }, httpVersion: "1.1" };
    return refusal(request as unknown as IncomingMessage, port)?.status;
  };
  expect(status("127.0.0.1", 80)).toBeUndefined();
  expect(status("localhost:80", 80)).toBeUndefined();
  expect(status("localhost", 8788)).toBe(421);
  expect(status("rebound.example", 80)).toBe(421);
});
