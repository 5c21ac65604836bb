// A reverse proxy without checks, which keeps its connections to the target.
import { Agent, createServer } from "node:http";
import { createProxyServer } from "http-proxy-3";

const proxy = createProxyServer({
  target: process.argv[2],
  agent: new Agent({ keepAlive: true }),
  xfwd: true,
});
proxy.on("error", (_error, _request, response) => response.destroy());
const server = createServer((request, response) => proxy.web(request, response));
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
