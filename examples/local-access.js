// Starts the example in the current folder behind Local Access: `npm start`.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { startLocalAccess } from "postern/local";

// Finds a free port for the application, and holds it so that Local Access gets another one.
const held = createServer().listen(0, "127.0.0.1");
await new Promise((resolve) => held.once("listening", resolve));
const { port } = held.address();
const access = await startLocalAccess({
  target: `http://127.0.0.1:${port}`,
  port: Number(process.env.ACCESS_PORT ?? 8788),
});
await new Promise((resolve) => held.close(resolve));
const env = { TEAM_DOMAIN: access.issuer, POLICY_AUD: access.audience, PORT: String(port) };
const app = spawn("npm", ["run", "serve", "--silent"], {
  stdio: "inherit",
  env: { ...process.env, ...env },
});
console.log(`open ${access.url}`);

app.once("exit", async (code) => {
  await access.close();
  process.exitCode = code ?? 0;
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => app.kill(signal));
