import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, posix, relative, sep } from "node:path";
import { test } from "node:test";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { declarationsOf, npm, run, tool, workbench } from "./workbench.js";

const { builds, tarballs, installed } = workbench();
const manifest = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
const read = (path) => readFile(join(installed, path), "utf8");

/** Every file below a folder, with slashes, in order. */
async function filesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, "/"))
    .sort();
}

const isOurs = (path) => path.startsWith("dist/");

/** Every path that a part of the manifest names. */
function pathsOf(value) {
  if (typeof value === "string") return [posix.normalize(value)];
  return Object.values(value ?? {}).flatMap(pathsOf);
}

test("contains what its entries need, the sources, and the documents for readers", async () => {
  const expected = new Set(["LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md", "package.json"]);
  for (const file of [
    "postern.vendor.js",
    "postern.vendor.d.ts",
    "postern.cdx.json",
    "inspector.html",
    "SHA256SUMS",
  ]) {
    expected.add(`dist/${file}`);
  }
  for (const file of await filesIn(join(builds[0], "src"))) expected.add(`src/${file}`);
  for (const path of [...pathsOf(manifest.exports), ...pathsOf(manifest.bin)]) {
    expected.add(path);
    if (/\.c?js$/.test(path)) expected.add(`${path}.map`);
    if (/\.d\.c?ts$/.test(path))
      for (const file of await declarationsOf(path)) if (isOurs(file)) expected.add(file);
  }
  assert.deepEqual(await filesIn(installed), [...expected].sort());
});

test("has source maps that lead to the sources in it", async () => {
  const maps = (await filesIn(installed)).filter((file) => file.endsWith(".map"));
  assert.ok(maps.length > 0);
  for (const map of maps) {
    const { sources, sourcesContent } = JSON.parse(await read(map));
    assert.ok(sources.length > 0, map);
    for (const [index, source] of sources.entries()) {
      const path = posix.join(posix.dirname(map), source);
      assert.match(path, /^src\//);
      assert.equal(await read(path), sourcesContent[index], path);
    }
    const file = map.replace(/\.map$/, "");
    const last = (await read(file)).trimEnd().split("\n").at(-1);
    assert.equal(last, `//# sourceMappingURL=${posix.basename(map)}`);
  }
});

test("holds no trace of the machine that built it", async () => {
  for (const file of await filesIn(installed)) {
    const text = await read(file);
    for (const build of builds) assert.ok(!text.includes(build), file);
  }
});

test("is built the same, byte for byte, from two clean checkouts", async () => {
  const [one, other] = await Promise.all(
    [...builds.map((build) => join(build, "dist"))].map(async (dist) => {
      const sums = {};
      for (const file of await filesIn(dist)) {
        sums[file] = createHash("sha256")
          .update(await readFile(join(dist, file)))
          .digest("hex");
      }
      return sums;
    }),
  );
  assert.ok(Object.keys(one).length > 0);
  assert.deepEqual(one, other);
  const [packed, again] = await Promise.all(tarballs.map((tarball) => readFile(tarball)));
  assert.ok(packed.equals(again), "the tarballs are the same");
});

test("has the sums of every built file, as sha256sum reads them", async () => {
  const dist = join(installed, "dist");
  const said = await run(dist, "sha256sum", "--check", "--strict", "SHA256SUMS");
  const checked = said
    .trim()
    .split("\n")
    .map((line) => line.replace(/: OK$/, ""));
  const built = (await filesIn(dist)).filter((file) => file !== "SHA256SUMS");
  assert.deepEqual(checked.sort(), built);
});

test("has a valid CycloneDX bill of materials that names the package and nothing beside it", async () => {
  const text = await read("dist/postern.cdx.json");
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  assert.equal(await validator.validate(text), null);
  const { metadata, components, dependencies, compositions } = JSON.parse(text);
  const { name, version, license, dependencies: needed = {} } = manifest;
  assert.deepEqual(needed, {});
  const purl = `pkg:npm/${name}@${version}`;
  assert.equal(metadata.component.purl, purl);
  assert.deepEqual(metadata.component.licenses, [{ license: { id: license } }]);
  assert.deepEqual(components, []);
  assert.deepEqual(dependencies, [{ ref: purl, dependsOn: [] }]);
  assert.equal(compositions[0].aggregate, "complete");
  const spoilt = text.replace('"CycloneDX"', '"Cyclone"');
  assert.notEqual(await validator.validate(spoilt), null, "the validator finds a fault");
});

test("passes publint", async () => {
  const said = await tool(installed, "publint", "run", "--strict", "--pack", "false");
  assert.match(said, /All good!/);
});

test("has types that resolve in every resolver", async () => {
  const tarball = new Uint8Array(await readFile(tarballs[0]));
  const { problems, entrypoints } = await checkPackage(createPackageFromTarballData(tarball));
  assert.ok("." in entrypoints);
  // A resolver without `exports` finds the types through `typesVersions`, and the code under no
  // file's name.
  assert.deepEqual(problems, []);
});

test("can be published", async () => {
  const said = await npm(installed, "publish", tarballs[0], "--dry-run", "--json");
  const { name, version, files } = JSON.parse(said)[manifest.name];
  assert.deepEqual([name, version], [manifest.name, manifest.version]);
  assert.deepEqual(files.map(({ path }) => path).sort(), await filesIn(installed));
});
