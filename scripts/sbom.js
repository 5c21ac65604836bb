import { readFile, writeFile } from "node:fs/promises";

// The contents of the package in CycloneDX: the package and nothing else. No time and no random
// serial number, so that two builds give the same bytes.
const manifest = JSON.parse(await readFile("package.json", "utf8"));
const { name, version, description, license, dependencies = {} } = manifest;
if (Object.keys(dependencies).length > 0) {
  throw new Error("the bill of materials says that there are no dependencies");
}
const purl = `pkg:npm/${name}@${version}`;
const bill = {
  $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  version: 1,
  metadata: {
    lifecycles: [{ phase: "build" }],
    component: {
      type: "library",
      "bom-ref": purl,
      name,
      version,
      description,
      licenses: [{ license: { id: license } }],
      purl,
    },
  },
  components: [],
  dependencies: [{ ref: purl, dependsOn: [] }],
  // Without this, an empty list could mean that the dependencies are unknown.
  compositions: [{ aggregate: "complete", assemblies: [purl], dependencies: [purl] }],
};
await writeFile(`dist/${name}.cdx.json`, `${JSON.stringify(bill, null, 2)}\n`);
