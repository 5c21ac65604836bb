import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { files, SITE } from "./site.js";

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".md": "text/markdown",
  ".txt": "text/plain",
};

/** The site on loopback, as a static host serves it. */
export async function serve() {
  const server = createServer(async (request, response) => {
    const path = decodeURI(new URL(request.url, "http://site").pathname).slice(1);
    const place = path === "" || path.endsWith("/") ? `${path}index.html` : path;
    const found = files.has(place) ? place : "404.html";
    const type = TYPES[extname(found)] ?? "application/octet-stream";
    response.writeHead(found === place ? 200 : 404, { "Content-Type": `${type}; charset=utf-8` });
    response.end(await readFile(join(SITE, found)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
