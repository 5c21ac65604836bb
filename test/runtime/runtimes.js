import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { jest, vitest } from "./test-runners.js";

const modules = join(import.meta.dirname, "node_modules");
const node = (major) => join(modules, `node-${major}`, "bin", "node");
const bin = (name) => join(modules, ".bin", name);
const MINI_BROWSER = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
const NO_CODE_FROM_STRINGS = "--disallow-code-generation-from-strings";

/**
 * Every runtime is a command that runs `main.js` of a job's folder.
 * - `isConfined`: code from strings is forbidden there, and the run must show it
 * - `isBrowser`: it opens a page and does not end by itself
 * - `isInsecure`: the page has no secure context, so it has no `crypto.subtle`
 * - `apt`: the packages that contain it
 */
export const runtimes = [
  ...[20, 22, 24, 26].map((major) => ({
    id: `node-${major}`,
    name: "Node",
    isConfined: true,
    version: [node(major), "--version"],
    command: ({ folder }) => [node(major), NO_CODE_FROM_STRINGS, join(folder, "main.js")],
  })),
  {
    id: "deno",
    name: "Deno",
    isConfined: true,
    version: [bin("deno"), "--version"],
    // The network is the one permission.
    command: ({ folder, origin }) => [
      bin("deno"),
      "run",
      "--no-prompt",
      "--no-config",
      "--no-lock",
      "--no-remote",
      "--no-npm",
      `--v8-flags=${NO_CODE_FROM_STRINGS}`,
      `--allow-net=${new URL(origin).host},127.0.0.1:9`,
      join(folder, "main.js"),
    ],
  },
  {
    id: "bun",
    name: "Bun",
    version: [bin("bun"), "--version"],
    command: ({ folder }) => [bin("bun"), "--no-install", join(folder, "main.js")],
  },
  // Before "2024-11-11" a Worker's fetch throws at the `cache` member of its init.
  workerd("workerd", "2024-09-01", []),
  workerd("workerd-nodejs", "2026-11-01", ["nodejs_compat"]),
  {
    id: "edge",
    name: "Edge Runtime VM",
    isConfined: true,
    version: [node(20), "--print", "require('@edge-runtime/vm/package.json').version"],
    command: ({ folder }) => [
      node(20),
      "--experimental-vm-modules",
      "--no-warnings",
      join(import.meta.dirname, "edge-vm.js"),
      folder,
    ],
  },
  {
    id: "vitest",
    name: "Vitest, jsdom",
    version: [node(20), "--print", "require('vitest/package.json').version"],
    command: ({ folder }) => vitest(node(20), folder),
  },
  {
    id: "jest",
    name: "Jest, jsdom",
    version: [node(20), "--print", "require('jest/package.json').version"],
    command: ({ folder }) => jest(node(20), folder),
  },
  {
    id: "chromium",
    name: "Chromium",
    ...chromium("127.0.0.1"),
  },
  {
    id: "chromium-http",
    name: "Chromium, http",
    isInsecure: true,
    ...chromium("door.example"),
  },
  {
    id: "firefox",
    name: "Firefox",
    isConfined: true,
    isBrowser: true,
    apt: ["firefox-esr"],
    version: ["firefox-esr", "--version"],
    async command({ folder, origin }) {
      await writeFile(join(folder, "user.js"), FIREFOX_PREFERENCES);
      return ["firefox-esr", "--headless", "--no-remote", "--profile", folder, `${origin}/`];
    },
  },
  {
    id: "webkit",
    name: "WebKitGTK",
    isConfined: true,
    isBrowser: true,
    apt: ["webkit2gtk-driver", "xvfb"],
    version: ["xvfb-run", "-a", MINI_BROWSER, "--version"],
    command: ({ origin }) => ["xvfb-run", "-a", MINI_BROWSER, "--private", `${origin}/`],
  },
];

/** A proxy that does not exist keeps a browser from reaching any other machine. */
const FIREFOX_PREFERENCES = Object.entries({
  "network.proxy.type": 1,
  "network.proxy.http": "127.0.0.1",
  "network.proxy.http_port": 9,
  "network.proxy.ssl": "127.0.0.1",
  "network.proxy.ssl_port": 9,
  "datareporting.policy.dataSubmissionEnabled": false,
  "toolkit.telemetry.enabled": false,
  "app.normandy.enabled": false,
  "browser.aboutwelcome.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
})
  .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
  .join("");

/** A page of this machine, at an address that is trusted or under a name over http that is not. */
function chromium(host) {
  return {
    isConfined: true,
    isBrowser: true,
    apt: ["chromium"],
    version: ["chromium", "--version"],
    command: ({ folder, origin }) => [
      "chromium",
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--no-first-run",
      `--host-resolver-rules=MAP door.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`,
      `--user-data-dir=${join(folder, "profile")}`,
      `http://${host}:${new URL(origin).port}/`,
    ],
  };
}

function workerd(id, date, flags) {
  return {
    id,
    name: ["workerd", ...flags].join(" + "),
    isConfined: true,
    version: [bin("workerd"), "--version"],
    async command({ folder, scripts }) {
      const config = join(folder, "config.capnp");
      await writeFile(config, workerdConfig(scripts, date, flags));
      return [bin("workerd"), "test", config];
    },
  };
}

/** The entry comes first; the network is this machine alone. */
function workerdConfig(scripts, date, flags) {
  const names = [
    "worker.js",
    ...scripts.filter((name) => name !== "worker.js" && name !== "main.js"),
  ];
  const modules = names.map((name) => `(name = "${name}", esModule = embed "${name}")`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "loopback", network = (allow = ["127.0.0.1/32"])),
  ],
);
const worker :Workerd.Worker = (
  modules = [${modules.join(", ")}],
  compatibilityDate = ${JSON.stringify(date)},
  compatibilityFlags = ${JSON.stringify(flags)},
  globalOutbound = "loopback",
);
`;
}
