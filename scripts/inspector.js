import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { build, transform } from "esbuild";

// The token inspector as one file: script and style inside, each named by its hash in the policy.
const home = "docs/inspector";
const [page, css, lock, main] = await Promise.all([
  readFile(`${home}/index.html`, "utf8"),
  readFile(`${home}/style.css`, "utf8"),
  bundle("lock.ts"),
  bundle("main.ts"),
]);
const style = (await transform(css, { loader: "css", minify: true })).code;

const policy = [
  "default-src 'none'",
  `script-src ${hash(lock)} ${hash(main)}`,
  `style-src ${hash(style)}`,
  // The frame that gets the keys is the same page again.
  "frame-src 'self' file:",
  // Only an upper bound: the page itself narrows it before anything else runs.
  "connect-src https: http://127.0.0.1:* http://localhost:*",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const parts = {
  policy: `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
  lock: `<script>${lock}</script>`,
  style: `<style>${style}</style>`,
  script: `<script>${main}</script>`,
};
await mkdir("dist", { recursive: true });
await writeFile(
  "dist/inspector.html",
  page.replace(/<!-- (policy|lock|style|script) -->/g, (_, name) => parts[name]),
);

async function bundle(entry) {
  const { outputFiles } = await build({
    entryPoints: [`${home}/${entry}`],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "ascii",
    write: false,
  });
  return outputFiles[0].text.replaceAll("</script", "<\\/script");
}

function hash(text) {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
