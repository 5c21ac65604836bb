// Origins as found in the field: other styles of answers, flawed and correct. Each flawed one lets
// requests in by one way only; `meant` names the knocks for it.
import { gzipSync } from "node:zlib";
import { cookieOf, rightSteps, take } from "./guard.js";
import { answerHandshake, application, serve, serveSteps } from "./serve.js";

const ALL = { gate: true, token: true, paths: ["/", "/admin"] };
const ADMIN = { paths: ["/admin"] };
const SHELL = "<!doctype html><html><title>app</title><div id=app></div></html>";

const looksLikeAToken = (text) => {
  try {
    return take(text).claims.email !== undefined;
  } catch {
    return false;
  }
};

/** Flawed origins: a handwritten guard that lets a request pass when `condition` holds. */
const CONDITIONS = {
  "any private address in a header is trusted": {
    meant: /^forwarded/,
    condition: ({ headers }) => /^192\.168\./.test(headers["x-forwarded-for"] ?? ""),
  },
  "X-Real-IP of a private network is trusted": {
    meant: /^forwarded/,
    condition: ({ headers }) => /^10\./.test(headers["x-real-ip"] ?? ""),
  },
  "a Cloudflare address in a header is trusted": {
    meant: /^forwarded-cloudflare/,
    condition: ({ headers }) => /^173\.245\.48\./.test(headers["x-forwarded-for"] ?? ""),
  },
  "only the usual spelling of the host is guarded": {
    meant: /^host-/,
    condition: ({ headers }) => !/^127\.0\.0\.1:\d\d+$/.test(headers.host ?? ""),
  },
  "a host with a dot at the end counts as another one": {
    meant: /^host-dot-behind/,
    condition: ({ headers }) => headers.host?.endsWith(".") === true,
  },
  "pages of the same site get in": {
    meant: /^same-site/,
    condition: ({ headers }) => headers.referer !== undefined,
  },
  "prefetched requests get in": {
    meant: /^prefetch/,
    condition: ({ headers }) => headers.purpose === "prefetch",
  },
  "any API key gets in": {
    meant: /^api-key/,
    condition: ({ headers }) => headers["x-api-key"] !== undefined,
  },
  "a cookie names the administrator": {
    meant: /^cookie-that-says-so/,
    condition: (request) => cookieOf(request, "admin") === "true",
  },
  "debug in the query switches the guard off": {
    meant: /^words-in-query/,
    condition: ({ url }) => new URL(url, "http://app.test").searchParams.has("debug"),
  },
  "a public path anywhere in the address is public": {
    meant: /in-query|^path-/,
    condition: ({ url }) => url.includes("/healthz"),
  },
  "a long token is not checked": {
    meant: /^forged-long/,
    condition: ({ headers }) => (headers["cf-access-jwt-assertion"]?.length ?? 0) > 4096,
  },
  "a token in a lower-case query is only decoded": {
    meant: /-in-query/,
    condition: ({ url }) =>
      looksLikeAToken(new URL(url, "http://app.test").searchParams.get("cf_authorization") ?? ""),
  },
  "bundles are public by the start of their path": {
    meant: /dot-dot-_next/,
    needs: ADMIN,
    condition: ({ url }) => url.startsWith("/_next/"),
  },
  "the guard compares capitals": {
    meant: /^path-|^websocket-at/,
    needs: ADMIN,
    condition: ({ url }) => !url.startsWith("/admin") && url !== "/",
  },
};

export function outsideFlawed(world) {
  const steps = rightSteps(world);
  const guarded = (handle, upgrade) => () => serve(handle, upgrade);
  const doors = Object.entries(CONDITIONS).map(([name, { condition, ...door }]) => [
    name,
    {
      ...door,
      start: () =>
        serveSteps({
          ...rightSteps(world),
          admits: async (request) => condition(request) || (await steps.admits(request)),
        }),
    },
  ]);
  return {
    ...Object.fromEntries(doors),
    "a refusal is a page with 200": {
      meant: /./,
      needs: { token: true },
      start: guarded(async (request, response) => {
        if (await steps.admits(request)) return application(request.url, request, response);
        return response.writeHead(200).end("please log in");
      }),
    },
    "an open origin that streams": {
      meant: /./,
      start: guarded((_, response) => {
        response.writeHead(200, { "Content-Type": "text/event-stream" });
        response.write("data: secret\n\n");
      }),
    },
    "an open origin that is slow": {
      meant: /./,
      start: guarded((_, response) => setTimeout(() => response.end("secret"), 200)),
    },
    "an open origin that compresses its answers": {
      meant: /./,
      start: guarded((_, response) => {
        response.writeHead(200, { "Content-Encoding": "gzip" }).end(gzipSync("secret"));
      }),
    },
    "the WebSocket of another path is not guarded": {
      meant: /^websocket-at-ws/,
      start: guarded(
        async (request, response) => {
          if (await steps.admits(request)) return application(request.url, request, response);
          return response.writeHead(401).end();
        },
        async (request, socket) =>
          answerHandshake(request, socket, request.url === "/ws" || (await steps.admits(request))),
      ),
    },
    "a single-page application whose data are open under capitals": {
      meant: /upper-case/,
      needs: { paths: ["/api"] },
      start: guarded(async (request, response) => {
        if (request.url.startsWith("/api") && !(await steps.admits(request)))
          return response.writeHead(401).end();
        const isData = request.url.toLowerCase() === "/api";
        return response.end(isData ? '{"secret":1}' : SHELL);
      }),
    },
    "hidden behind a 404, and HEAD is open": {
      meant: /^head/,
      needs: { token: true },
      start: guarded(async (request, response) => {
        const isIn = request.method === "HEAD" || (await steps.admits(request));
        return response.writeHead(isIn ? 200 : 404).end(isIn ? "secret" : "not found");
      }),
    },
  };
}

export function outsideRight(world) {
  const steps = rightSteps(world);
  const refusing = (refuse) => () =>
    serve(async (request, response) => {
      if (await steps.admits(request)) return application(request.url, request, response);
      return refuse(response, request);
    });
  return {
    "hides guarded paths behind a 404": {
      needs: ALL,
      start: refusing((response) => response.writeHead(404).end("not found")),
    },
    "sends to a log-in page of its own": {
      needs: ALL,
      start: refusing((response, { url }) =>
        response.writeHead(302, { Location: `/login?to=${encodeURIComponent(url)}` }).end(),
      ),
    },
    "refuses in JSON": {
      needs: ALL,
      start: refusing((response) =>
        response
          .writeHead(403, { "Content-Type": "application/json" })
          .end('{"error":"access_denied"}'),
      ),
    },
    "refuses in compressed answers": {
      needs: ALL,
      start: refusing((response) =>
        response.writeHead(401, { "Content-Encoding": "gzip" }).end(gzipSync("denied")),
      ),
    },
    "refuses after a while": {
      needs: { token: true },
      start: refusing((response) => setTimeout(() => response.writeHead(401).end(), 50)),
    },
    "refuses in a stream": {
      needs: { token: true },
      start: refusing((response) => {
        response.writeHead(401).write("de");
        setTimeout(() => response.end("nied"), 20);
      }),
    },
    "lets CORS answer OPTIONS": {
      needs: ALL,
      start: () =>
        serve(async (request, response) => {
          response.setHeader("Access-Control-Allow-Origin", "https://app.example.com");
          if (request.method === "OPTIONS") {
            return response.writeHead(200, { Allow: "GET, HEAD", "Content-Length": "0" }).end();
          }
          if (await steps.admits(request)) return application(request.url, request, response);
          return response.writeHead(401).end();
        }),
    },
    "a single-page application whose data are guarded": {
      needs: { paths: ["/api"] },
      start: () =>
        serve(async (request, response) => {
          const { pathname } = new URL(request.url.replace(/^\/+/, "/"), "http://app.test");
          const isData = /^\/+api(?:\/|$)/.test(pathname);
          if (isData && !(await steps.admits(request))) return response.writeHead(401).end();
          return response.end(isData ? '{"secret":1}' : SHELL);
        }),
    },
    "public files beside guarded paths": {
      needs: { ...ALL, paths: ["/admin"] },
      start: () =>
        serve(async (request, response) => {
          const isFile = /^\/(?:static\/[a-z]+\.css|favicon\.ico|robots\.txt)$/.test(request.url);
          if (isFile) return response.end("a file");
          if (await steps.admits(request)) return application(request.url, request, response);
          return response.writeHead(401).end();
        }),
    },
    "another site under other names": {
      needs: { token: true },
      start: () =>
        serve(async (request, response) => {
          const { host = "" } = request.headers;
          if (!/^127\.0\.0\.1:\d+$/.test(host)) return response.writeHead(404).end("no such site");
          if (await steps.admits(request)) return application(request.url, request, response);
          return response.writeHead(401).end();
        }),
    },
    "answers HEAD like an unknown path": {
      needs: { token: true },
      start: refusing((response, { method }) =>
        response.writeHead(method === "HEAD" ? 405 : 401).end(),
      ),
    },
  };
}
