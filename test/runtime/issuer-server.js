import { createServer } from "node:http";
import { jwkSet } from "./suite/keys.js";

// The policy of a careful site: no code from strings, nothing from other origins.
const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'";
const PAGE = '<!doctype html><title>postern</title><script type="module" src="/page.js"></script>';
// When the suite cannot even be loaded, the page reports it.
const PAGE_SCRIPT = `import("/entry.js")
  .then(({ run }) => run(location.origin))
  .catch((error) => fetch("/failure", { method: "POST", body: String(error) }));
`;
const KEYS = JSON.stringify(jwkSet("current", "previous"));
const LONGEST_ENDLESS_MS = 5_000;

/** How each address of the issuer answers; some never finish, as in the worst outages. */
const answers = {
  "/cdn-cgi/access/certs": (_, response) => response.end(KEYS),
  "/issuer/plain": (_, response) => response.end(KEYS),
  "/issuer/cookie": (_, response) => response.setHeader("set-cookie", "session=1; Path=/").end(),
  "/issuer/validated"({ headers }, response) {
    response.setHeader("etag", '"one"');
    if (headers["if-none-match"] === '"one"') response.writeHead(304).end();
    else response.end(KEYS);
  },
  "/issuer/moved": (_, response) =>
    response.writeHead(302, { location: "/issuer/elsewhere" }).end(),
  "/issuer/elsewhere": (_, response) => response.end(KEYS),
  "/issuer/missing": (_, response) => response.writeHead(404).end("<!doctype html>"),
  "/issuer/page": (_, response) => response.end("<!doctype html>"),
  "/issuer/silent": () => {},
  "/issuer/dripping": (_, response) => response.write('{"keys":['),
  "/issuer/endless"(_, response) {
    const chunk = "x".repeat(16_384);
    const end = Date.now() + LONGEST_ENDLESS_MS;
    const more = () => {
      if (response.destroyed || Date.now() > end) response.destroy();
      else response.write(chunk, () => setTimeout(more, 1));
    };
    more();
  },
};

/**
 * One loopback server for one run of the suite: the issuer whose keys are fetched, the page that a
 * browser opens, and the place where the results are posted.
 * @param files what a browser may load, by path
 * @returns its origin, the posted results or the reason for their absence, and a function to close
 * it
 */
export async function startIssuer(files) {
  const seen = [];
  let post;
  const results = new Promise((resolve) => {
    post = resolve;
  });
  const server = createServer((request, response) => {
    const { url, headers } = request;
    // Each exchange ends its connection, so that no idle one keeps a process alive.
    response.setHeader("connection", "close");
    response.setHeader("content-security-policy", POLICY);
    if (url === "/results" || url === "/failure") {
      readAll(request).then((text) => {
        response.end();
        post(url === "/results" ? JSON.parse(text) : text);
      });
    } else if (url === "/issuer/seen") {
      response.setHeader("content-type", "application/json").end(JSON.stringify(seen));
    } else if (url === "/") {
      response.setHeader("content-type", "text/html").end(PAGE);
    } else if (url === "/page.js") {
      response.setHeader("content-type", "text/javascript").end(PAGE_SCRIPT);
    } else if (files.has(url)) {
      response.setHeader("content-type", "text/javascript").end(files.get(url));
    } else if (Object.hasOwn(answers, url)) {
      const { accept, cookie, "if-none-match": validator } = headers;
      const entry = { path: url, accept, cookie, validator };
      seen.push(entry);
      response.on("finish", () => {
        entry.status = response.statusCode;
      });
      answers[url](request, response);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    results,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function readAll(request) {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}
