// Checks the vectors for other languages: that conformance/make.js makes exactly these, that
// postern decides each as expected, and that two other libraries decide as the page about them
// says.
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readVectors } from "../../conformance/make.js";
import { createVerifier } from "../../dist/index.js";

const path = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

export async function checkVectors(check) {
  // A separate process, because the issuer in this one has its keys already.
  const made = spawnSync(process.execPath, [path("conformance/make.js")], {
    ...{ encoding: "utf8", timeout: 120_000 },
  });
  check(made.status === 0, "the vectors follow from the fixed keys", made.stdout + made.stderr);
  const document = await readVectors();
  const { issuer, audience, clockToleranceSeconds } = document.options;
  const now = () => document.now * 1000;
  const verifier = createVerifier({
    team: issuer,
    audience,
    keys: document.keys,
    now,
    clockToleranceSeconds,
  });
  for (const { name, decision, token } of document.vectors) {
    const { ok } = await verifier.safeVerify(token);
    check(ok === (decision === "accept"), `postern decides as vector ${name} says`);
  }
  const page = await readFile(path("docs/guide/other-languages.md"), "utf8");
  const folder = await mkdtemp(join(tmpdir(), "postern-vectors-"));
  try {
    const python = [process.env.PYTHON ?? "/usr/bin/python3", path("conformance/runners/run.py")];
    const go = ["go", "run", path("conformance/runners/run.go")];
    for (const [language, command] of Object.entries({ PyJWT: python, "go-oidc": go })) {
      const [program, ...args] = command;
      const env = {
        ...process.env,
        GO111MODULE: "off",
        GOFLAGS: "",
        GOCACHE: join(folder, "cache"),
      };
      env.GOPATH = process.env.GOCODE ?? "/usr/share/gocode";
      const ran = spawnSync(program, [...args, path("conformance/vectors.json")], {
        ...{ env, encoding: "utf8", timeout: 300_000 },
      });
      const said = new Map(
        ran.stdout
          .trim()
          .split("\n")
          .map((line) => line.split("\t")),
      );
      check(said.size === document.vectors.length, `${language} decides each vector`, ran.stderr);
      const wrong = document.vectors.filter(({ name, decision }) => said.get(name) !== decision);
      const line = `| ${language} | ${document.vectors.length - wrong.length} of ${document.vectors.length} | ${wrong.map(({ name }) => `\`${name}\``).join(", ")} |`;
      check(page.includes(line), `the page says what ${language} decides`, line);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
