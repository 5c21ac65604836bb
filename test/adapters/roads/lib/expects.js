import { request as httpRequest } from "node:http";

/** A request with `Expect`: whether the application answers. */
export const expects = (url, expectation) => (headers) =>
  new Promise((resolve, reject) => {
    const own = { ...headers, expect: expectation };
    const request = httpRequest(url, { method: "POST", headers: own });
    request.once("error", reject);
    request.once("response", (response) => {
      resolve(response.headers["x-reached"] !== undefined);
      response.destroy();
    });
    request.end();
  });
