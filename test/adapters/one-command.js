// An example behind Local Access, by the one command that its package.json has for it.
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { copyExample, startAndRead } from "./lib/app.js";
import { greeted } from "./lib/checks.js";
import { send } from "./lib/http.js";

const START = new URL("../../examples/local-access.js", import.meta.url);

export const ONE_COMMAND = ["express", "hono", "fastify", "koa", "h3", "next"].map((example) => [
  `${example} greets who logs in`,
  async () => {
    const folder = copyExample(example, `local-${example}`);
    // It lies beside the examples, as it does beside their copies.
    cpSync(START, `${folder}/../local-access.js`);
    const env = { ACCESS_PORT: "0", NEXT_TELEMETRY_DISABLED: "1" };
    const app = await startAndRead("npm start --silent", folder, env, /open (http\S+)/);
    try {
      const [, url] = app.found;
      const asked = await send(`${url}/`, { headers: { accept: "text/html" } });
      assert.equal(asked.status, 302);
      assert.match(asked.headers["location"], /\/cdn-cgi\/access\/login/);
      const answer = await send(`${url}/cdn-cgi/access/login`, {
        method: "POST",
        headers: { origin: url, "content-type": "application/x-www-form-urlencoded" },
        body: "as=ada%40example.com&redirect_url=%2F",
      });
      const cookie = answer.headers["set-cookie"]?.[0]?.split(";")[0];
      assert.match(cookie ?? "", /^CF_Authorization=/);
      const { status, text } = await greeting(url, cookie);
      assert.equal(status, 200);
      assert.ok(greeted(text).includes("user ada@example.com"), `says ${text.slice(0, 200)}`);
    } catch (error) {
      throw new Error(`${error.message}\n${app.output()}`, { cause: error });
    } finally {
      await app.stop();
    }
  },
]);

/** The application may start a little later than Local Access, which then answers 502. */
async function greeting(url, cookie) {
  for (let tries = 0; ; tries++) {
    const answer = await send(`${url}/`, { headers: { cookie } });
    if (answer.status < 500 || tries === 60) return answer;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
