import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fileStore, type KeySetStore } from "../../src/stores/index.ts";

const MEBIBYTE = 1_048_576;
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "postern-file-store-"));
  path = join(folder, "keys.json");
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const put = (store: KeySetStore, key: string, text: string, previous?: string): unknown =>
  store.set(key, text, { ttlSeconds: 60, previous });

describe("a file", () => {
  it("passes the texts of every key to the next process", async () => {
    expect(await put(fileStore(path), "k", "one")).toBe(true);
    expect(await put(fileStore(path), "other", "two")).toBe(true);
    expect(await put(fileStore(path), "k", "three", "one")).toBe(true);
    const store = fileStore(path);
    expect(await store.get("k")).toBe("three");
    expect(await store.get("other")).toBe("two");
    expect(await readFile(path, "utf8")).toBe('{"k":"three","other":"two"}\n');
  });

  it("can be read only by its owner, and is the only one in its folder", async () => {
    await put(fileStore(path), "k", "one");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["keys.json"]);
  });

  it("is not written over another text than the one that was read", async () => {
    const store = fileStore(path);
    expect(await put(store, "k", "one", "never there")).toBe(false);
    await put(store, "k", "one");
    for (const previous of [undefined, "two"]) {
      expect(await put(store, "k", "three", previous)).toBe(false);
    }
    expect(await store.get("k")).toBe("one");
  });

  it("has no text before the first write, and none from a prototype", async () => {
    for (const key of ["k", "toString", "__proto__"]) {
      expect(await fileStore(path).get(key)).toBe(undefined);
    }
  });

  it.each(["", "no JSON", "[]", '"text"', '{"k":'])(
    "counts as empty when it contains %j, and is replaced",
    async (text) => {
      await writeFile(path, text);
      const store = fileStore(path);
      expect(await store.get("k")).toBe(undefined);
      expect(await put(store, "k", "one")).toBe(true);
      expect(await store.get("k")).toBe("one");
    },
  );

  it("counts as empty above one mebibyte", async () => {
    const ofSize = (bytes: number) => writeFile(path, '{"k":"one"}'.padEnd(bytes));
    await ofSize(MEBIBYTE);
    expect(await fileStore(path).get("k")).toBe("one");
    await ofSize(MEBIBYTE + 1);
    expect(await fileStore(path).get("k")).toBe(undefined);
  });

  it("is a failure when it cannot be opened or written", async () => {
    await writeFile(path, "{}");
    const below = fileStore(join(path, "below a file"));
    await expect(below.get("k")).rejects.toMatchObject({ code: "ENOTDIR" });
    const nowhere = fileStore(join(folder, "missing", "keys.json"));
    expect(await nowhere.get("k")).toBe(undefined);
    await expect(put(nowhere, "k", "one")).rejects.toMatchObject({ code: "ENOENT" });
  });
});

/** Files that record what is done with them. One step can fail. */
function watched(failing?: string) {
  const steps: unknown[][] = [];
  const step =
    (name: string, result?: unknown) =>
    async (...given: unknown[]) => {
      steps.push([name, ...given]);
      if (name === failing) throw new Error(name);
      return result;
    };
  const handle = {
    stat: step("stat", { size: 2 }),
    readFile: step("readFile", "{}"),
    writeFile: step("writeFile"),
    sync: step("sync"),
    close: step("close"),
  };
  const files = { open: step("open", handle), rename: step("rename"), unlink: step("unlink") };
  const getBuiltinModule = vi.spyOn(process, "getBuiltinModule").mockReturnValue(files as never);
  return { store: fileStore("keys"), steps, getBuiltinModule };
}

describe("a write", () => {
  const ASIDE = expect.stringMatching(/^keys\.[\da-f-]{36}\.tmp$/);
  const READ = [["open", "keys", "r"], ["stat"], ["readFile", "utf8"], ["close"]];
  const WRITE = [
    ["open", ASIDE, "wx", 0o600],
    ["writeFile", '{"k":"one"}\n'],
    ["sync"],
    ["close"],
    ["rename", ASIDE, "keys"],
  ];

  it("replaces the file in one step, after all bytes are on the disk", async () => {
    const { store, steps, getBuiltinModule } = watched();
    await put(store, "k", "one");
    expect(steps).toEqual([...READ, ...WRITE]);
    expect(getBuiltinModule).toHaveBeenCalledWith("node:fs/promises");
  });

  it.each([
    ["writeFile", [["close"]]],
    ["sync", [["close"]]],
    ["rename", []],
  ])("leaves nothing behind when %s fails", async (name, more) => {
    const { store, steps } = watched(name);
    await expect(put(store, "k", "one")).rejects.toThrow(name);
    const until = WRITE.findIndex(([step]) => step === name) + 1;
    expect(steps.slice(READ.length)).toEqual([
      ...WRITE.slice(0, until),
      ...more,
      ["unlink", ASIDE],
    ]);
  });

  it("reports its own failure, even when its rest cannot be deleted", async () => {
    const { store } = watched("rename");
    const files = process.getBuiltinModule("node:fs/promises");
    vi.spyOn(files, "unlink").mockRejectedValue(new Error("unlink"));
    await expect(put(store, "k", "one")).rejects.toThrow("rename");
  });

  it("closes the file that it cannot read", async () => {
    const { store, steps } = watched("readFile");
    await expect(store.get("k")).rejects.toThrow("readFile");
    expect(steps.at(-1)).toEqual(["close"]);
  });
});

describe("fileStore", () => {
  it.each([
    [undefined, "undefined"],
    [7, "number"],
    ["", "an empty string"],
    ["keys\0.json", "string"],
  ])("refuses %j at once", (wrong, got) => {
    expect(() => fileStore(wrong as never)).toThrow(
      new TypeError(`path must be the path of a file, got ${got}`),
    );
  });

  it.each([{}, { process: {} }, { process: { getBuiltinModule: () => undefined } }])(
    "says which runtimes have files",
    (globals) => {
      vi.stubGlobal("process", (globals as { process?: unknown }).process);
      try {
        expect(() => fileStore("keys")).toThrow(
          new TypeError("fileStore needs files: Node 20.16 or newer, Deno or Bun"),
        );
      } finally {
        vi.unstubAllGlobals();
      }
    },
  );
});
