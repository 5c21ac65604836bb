// Origins as found in the field: other styles of answers, flawed and correct. Each flawed one lets
// requests in by one way only; `meant` names the knocks for it.
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { cookieOf, rightSteps, take } from "./guard.js";
import { answerHandshake, application, serve, serveSteps } from "./serve.js";

const ALL = { gate: true, token: true, paths: ["/", "/admin"] };
const ADMIN = { paths: ["/admin"] };
const SHELL = "<!doctype html><html><title>app</title><div id=app></div></html>";

const looksLikeAToken = (text = "") => {
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
    meant: /^same-site|^from-/,
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
  "any name in an identity header is believed": {
    meant: /^identity-headers/,
    condition: ({ headers }) => headers["x-webauth-user"] !== undefined,
  },
  "a header says that the caller is known": {
    meant: /^headers-that-say-true/,
    condition: ({ headers }) => headers["x-authenticated"] === "true",
  },
  "a header says 1": {
    meant: /^headers-that-say-1/,
    condition: ({ headers }) => headers["x-skip-auth"] === "1",
  },
  "a header names the role": {
    meant: /^headers-that-name-a-role/,
    condition: ({ headers }) => headers["x-role"] === "admin",
  },
  "a header says that a certificate was checked": {
    meant: /^headers-that-name-a-role/,
    condition: ({ headers }) => headers["x-ssl-client-verify"] === "SUCCESS",
  },
  "the e-mail header is trusted beside any assertion": {
    meant: /^email-header-beside/,
    condition: ({ headers }) =>
      Boolean(headers["cf-access-jwt-assertion"]) &&
      headers["cf-access-authenticated-user-email"] !== undefined,
  },
  "the secret of the proxy only has to be there": {
    meant: /^api-key/,
    condition: ({ headers }) => headers["x-origin-verify"] !== undefined,
  },
  "an opaque token of OAuth is believed": {
    meant: /^authorization-garbage/,
    condition: ({ headers }) => headers.authorization?.startsWith("Bearer oauth:") === true,
  },
  "a word for tests is a token": {
    meant: /^password-dev/,
    condition: ({ headers }) => headers["cf-access-jwt-assertion"] === "dev",
  },
  "a cookie says that the visitor is logged in": {
    meant: /^cookie-that-says-so/,
    condition: (request) => cookieOf(request, "loggedIn") === "true",
  },
  "a cookie says 1": {
    meant: /^cookie-that-says-1/,
    condition: (request) => cookieOf(request, "authenticated") === "1",
  },
  "a cookie names the visitor": {
    meant: /^cookie-that-says-1/,
    condition: (request) => cookieOf(request, "user_email")?.includes("@") === true,
  },
  "a token in a rarer query is only decoded": {
    meant: /query-of-other-names/,
    condition: ({ url }) =>
      looksLikeAToken(new URL(url, "http://app.test").searchParams.get("cf_token") ?? ""),
  },
  "a token in a rarer cookie is only decoded": {
    meant: /cookie-of-another-name/,
    condition: (request) => looksLikeAToken(cookieOf(request, "access_token")),
  },
  "a token in a rarer header is only decoded": {
    meant: /access-token-header/,
    condition: ({ headers }) => looksLikeAToken(headers["x-jwt-assertion"]),
  },
  "a token of the scheme Token is only decoded": {
    meant: /authorization-token/,
    condition: ({ headers }) =>
      looksLikeAToken(/^Token (.*)/.exec(headers.authorization ?? "")?.[1] ?? ""),
  },
  "the first of two headers is only decoded": {
    meant: /header-twice-the-other-way/,
    condition: ({ headers }) => {
      const [first, second] = (headers["cf-access-jwt-assertion"] ?? "").split(", ");
      return second !== undefined && looksLikeAToken(first);
    },
  },
  "the cookie beside an empty header is only decoded": {
    meant: /empty-header/,
    condition: (request) =>
      request.headers["cf-access-jwt-assertion"] === "" &&
      looksLikeAToken(cookieOf(request, "CF_Authorization")),
  },
  "a mapped address in a header is trusted": {
    meant: /^forwarded-mapped/,
    condition: ({ headers }) => headers["x-forwarded-for"] === "::ffff:127.0.0.1",
  },
  "a rarer header for the address is trusted": {
    meant: /^forwarded-by-other-names/,
    condition: ({ headers }) => headers["x-custom-ip-authorization"] === "127.0.0.1",
  },
  "Forwarded is trusted": {
    meant: /^forwarded(?:-mapped)?$/,
    condition: ({ headers }) => headers.forwarded?.includes("127.0.0.1") === true,
  },
  "plain HTTP is not guarded": {
    meant: /^forwarded-proto-http/,
    condition: ({ headers }) => headers["x-forwarded-proto"] === "http",
  },
  "localhost with its port is not guarded": {
    meant: /^host-localhost-and-port/,
    condition: ({ headers, socket }) => headers.host === `localhost:${socket.localPort}`,
  },
  "the name of the gate is not guarded": {
    meant: /^host-of-the-gate/,
    needs: { gate: true },
    condition: ({ headers }, { team }) => headers.host === new URL(team).host,
  },
  "a staging site is not guarded": {
    meant: /^host-staging/,
    condition: ({ headers }) => headers.host?.startsWith("staging.") === true,
  },
  "the forwarded path decides": {
    meant: /^x-original-url-login/,
    condition: ({ headers }) => headers["x-forwarded-uri"] === "/login",
  },
  "the page is chosen by a header, and nothing else is public": {
    meant: /^x-rewrite-url-from|^websocket-at/,
    needs: ADMIN,
    condition: ({ url }) => !url.startsWith("/admin"),
    route: ({ url, headers }) => headers["x-original-url"] ?? (/^.admin/.test(url) ? url : "/none"),
  },
  "requests of a library for scripts get in": {
    meant: /^script$/,
    condition: ({ headers }) => headers["hx-request"] !== undefined,
  },
  "requests for scripts get in": {
    meant: /^script-fetch/,
    condition: ({ headers }) => headers["sec-fetch-dest"] === "script",
  },
  "event streams get in": {
    meant: /^event-stream/,
    condition: ({ headers }) => headers.accept === "text/event-stream",
  },
  "a key for a WebSocket is enough": {
    meant: /websocket/,
    condition: ({ headers }) => headers["sec-websocket-key"] !== undefined,
  },
  "Connection says upgrade": {
    meant: /^upgrade-to-nothing|websocket/,
    condition: ({ headers }) => headers.connection === "Upgrade",
  },
  "HTTP/2 is not guarded": {
    meant: /^upgrade-to-http-2/,
    condition: ({ headers }) => headers.upgrade === "h2c",
  },
  "pages of a developer get in": {
    meant: /^from-a-developer/,
    condition: ({ headers }) => headers.origin === "http://localhost:3000",
  },
  "who comes from the log-in gets in": {
    meant: /^from-the-log-in/,
    condition: ({ headers }, { team }) => headers.referer?.startsWith(team) === true,
  },
  "the same site without TLS gets in": {
    meant: /^same-site-without-tls|^websocket-with-trusted-headers/,
    condition: ({ headers }) => headers.origin === `http://${headers.host}`,
  },
  "preview=true in the query switches the guard off": {
    meant: /^words-in-query-true/,
    condition: ({ url }) => /[?&]preview=true(?:&|$)/.test(url),
  },
  "a client without a name gets in": {
    meant: /^user-agent-none/,
    condition: ({ headers }) => headers["user-agent"] === "",
  },
  "a client that names a checker anywhere gets in": {
    meant: /^user-agent-many/,
    condition: ({ headers }) => headers["user-agent"]?.includes("StatusCake") === true,
  },
  "a very long token is not checked": {
    meant: /^forged-long/,
    condition: ({ headers }) => (headers["cf-access-jwt-assertion"]?.length ?? 0) > 8192,
  },
  "scripts are public by their extension": {
    meant: /js/,
    needs: ADMIN,
    condition: ({ url }) => url.endsWith("/x.js"),
    route: ({ url }) => url.replace("/x.js", ""),
  },
  "an encoded slash hides the way up": {
    meant: /^path-encoded-slash-dot-dot/,
    needs: ADMIN,
    condition: ({ url }) => url.startsWith("/public%2f"),
    route: ({ url }) => new URL(decodeURIComponent(url), "http://app.test").pathname,
  },
  "a language before the path is not expected": {
    meant: /^path-language/,
    needs: ADMIN,
    condition: ({ url }) => url.startsWith("/en/"),
    route: ({ url }) => url.replace(/^\/en/, ""),
  },
  "the data of a page are public": {
    meant: /^path-data-below/,
    needs: ADMIN,
    condition: ({ url }) => url.endsWith("/__data.json"),
    route: ({ url }) => url.replace("/__data.json", ""),
  },
  "a public word anywhere in the path is public": {
    meant: /^path-(?:public-words|dot-dot-login)/,
    needs: ADMIN,
    condition: ({ url }) => url.includes("/login") && !url.includes("?"),
    route: ({ url }) => url.replace(/^\/admin\/.*/, "/admin"),
  },
};

export function outsideFlawed(world) {
  const steps = rightSteps(world);
  const guarded = (handle, upgrade) => () => serve(handle, upgrade);
  const doors = Object.entries(CONDITIONS).map(([name, { condition, route, ...door }]) => [
    name,
    {
      ...door,
      start: () =>
        serveSteps({
          ...rightSteps(world),
          admits: async (request) => condition(request, world) || (await steps.admits(request)),
          ...(route && { route }),
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
          if (isFile) return response.end("<!doctype html><p>a file</p>");
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
    "asks for the genuine path with a slash behind it": {
      needs: ALL,
      start: () =>
        serve(async (request, response) => {
          const [path] = request.url.split("?");
          if (/^\/[^/\\].*[^/]$/.test(path))
            return response.writeHead(301, { Location: `${path}/` }).end();
          if (await steps.admits(request)) return application(request.url, request, response);
          return response.writeHead(401).end();
        }),
    },
    "asks for the genuine path without a slash behind it": {
      needs: { ...ALL, paths: ["/", "/admin/"] },
      start: () =>
        serve(async (request, response) => {
          const [path] = request.url.split("?");
          if (/^\/[^/\\].*\/$/.test(path))
            return response.writeHead(308, { Location: path.slice(0, -1) }).end();
          if (await steps.admits(request)) return application(request.url, request, response);
          return response.writeHead(401).end();
        }),
    },
    "merges slashes by a redirect": {
      needs: ALL,
      start: () =>
        serve(async (request, response) => {
          const merged = request.url.replace(/(?<!^http:)\/{2,}/g, "/");
          if (merged !== request.url)
            return response
              .writeHead(301, { Location: `http://${request.headers.host}${merged}` })
              .end();
          if (await steps.admits(request)) return application(request.url, request, response);
          return response.writeHead(401).end();
        }),
    },
    "leads to the usual name": {
      needs: ALL,
      start: () =>
        serve(async (request, response) => {
          const { url, headers } = request;
          if (!headers.host.startsWith("127.0.0.1:"))
            return response.writeHead(302, { Location: `https://app.example.com${url}` }).end();
          if (headers["x-forwarded-proto"] === "http")
            return response.writeHead(302, { Location: `https://${headers.host}${url}` }).end();
          if (await steps.admits(request)) return application(url, request, response);
          return response.writeHead(401).end();
        }),
    },
    "cuts the connection after odd requests": {
      needs: ALL,
      start: () =>
        serve(async (request, response) => {
          const { url, headers, socket } = request;
          if (!/^\/[a-z]*(?:\?.*)?$/.test(url) || !headers.host.startsWith("127."))
            return socket.destroy();
          if (await steps.admits(request)) return application(url, request, response);
          return response.writeHead(401).end();
        }),
    },
    "lets the framework list the methods": {
      needs: ALL,
      start: () =>
        serve(async (request, response) => {
          if (request.method === "OPTIONS") return response.writeHead(200).end("GET,HEAD");
          if (await steps.admits(request)) return application(request.url, request, response);
          return response.writeHead(401).end();
        }),
    },
    "accepts certain kinds of requests only": {
      needs: ALL,
      start: () =>
        serve(async (request, response) => {
          const { accept, "content-type": type } = request.headers;
          if (type !== undefined) return response.writeHead(415).end();
          if (accept !== "*/*") return response.writeHead(406).end();
          if (await steps.admits(request)) return application(request.url, request, response);
          return response.writeHead(401).end();
        }),
    },
    "a public health page that changes": {
      needs: ALL,
      start: () =>
        serve(async (request, response) => {
          if (request.url.split("?")[0] === "/healthz")
            return response.end(JSON.stringify({ up: process.uptime(), at: new Date() }));
          if (await steps.admits(request)) return application(request.url, request, response);
          return response.writeHead(401).end();
        }),
    },
    "a single-page application with a nonce": {
      needs: { paths: ["/admin"] },
      start: () =>
        serve(async (request, response) => {
          const { pathname } = new URL(request.url.replace(/^\/+/, "/"), "http://app.test");
          const isData = pathname.replace(/\/$/, "") === "/admin";
          if (isData && !(await steps.admits(request))) return response.writeHead(401).end();
          const nonce = randomBytes(12).toString("hex");
          const head = `<!doctype html><html><script nonce="${nonce}"></script>`;
          return response.end(isData ? "secret" : `${head}<p>The application starts.</p></html>`);
        }),
    },
    "everything below a public folder is one page": {
      needs: { token: true, paths: ["/admin"] },
      start: () =>
        serve(async (request, response) => {
          if (request.url.startsWith("/public"))
            return response.end("<!doctype html><p>a file</p>");
          if (await steps.admits(request)) return application(request.url, request, response);
          return response.writeHead(401).end();
        }),
    },
    "repeats the path in its refusal": {
      needs: ALL,
      start: refusing((response, { url }) => response.writeHead(401).end(`no access to ${url}`)),
    },
    "answers every refusal with 418": {
      needs: ALL,
      start: refusing((response) => response.writeHead(418).end()),
    },
    "answers handshakes with 426": {
      needs: ALL,
      start: () =>
        serve(
          async (request, response) => {
            if (await steps.admits(request)) return application(request.url, request, response);
            return response.writeHead(401).end();
          },
          (_, socket) => socket.end("HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\n\r\n"),
        ),
    },
    "answers HEAD like an unknown path": {
      needs: { token: true },
      start: refusing((response, { method }) =>
        response.writeHead(method === "HEAD" ? 405 : 401).end(),
      ),
    },
  };
}
