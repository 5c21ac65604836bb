import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { readPages } from "./markdown.ts";

const FOLDER = "docs/img";
/** A phone of 375 px has this much room for a picture. */
const PHONE = 343;
const LEAST_FONT = 11;

const charts = readdirSync(FOLDER).filter((file) => file.endsWith(".svg"));
const light = charts.filter((file) => !file.endsWith("-dark.svg"));
const read = (file: string): string => readFileSync(`${FOLDER}/${file}`, "utf8");

describe("a chart of the documentation", () => {
  test("has a dark version, and each dark version has a light one", () => {
    expect(light.length).toBeGreaterThan(0);
    const twins = light.map((file) => file.replace(".svg", "-dark.svg"));
    expect([...charts].sort()).toEqual([...light, ...twins].sort());
  });

  test.each(charts)("%s has a title and a description for screen readers", (file) => {
    expect(read(file)).toMatch(
      /<title id="title">[^<]{10,}<\/title>\s*<desc id="about">[^<]{20,}</,
    );
    expect(read(file)).toMatch(/role="img" aria-labelledby="title about"/);
  });

  test.each(charts)("%s has text that can be read on a phone", (file) => {
    const svg = read(file);
    const width = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1]);
    const sizes = [...svg.matchAll(/font-size[=:]"?(\d+)/g)].map(([, size]) => Number(size));
    // Panels name Plot's default, which their style replaces.
    const used = sizes.filter((size) => size !== 10);
    expect(used.length).toBeGreaterThan(0);
    expect((Math.min(...used) * PHONE) / width).toBeGreaterThanOrEqual(LEAST_FONT);
  });

  test.each(light)("%s has the same text as its other version", (file) => {
    const words = (svg: string) => [...svg.matchAll(/>([^<>]+)</g)].map(([, text]) => text?.trim());
    expect(words(read(file.replace(".svg", "-dark.svg")))).toEqual(words(read(file)));
  });
});

describe("a picture in a page", () => {
  const pictures = readPages().flatMap(({ path, text }) =>
    [...text.matchAll(/<picture>[\s\S]*?<\/picture>/g)].map(([markup]) => ({ path, markup })),
  );

  test("is written in the form that GitHub and the site read: dark source, alternative text, light image", () => {
    expect(pictures.length).toBeGreaterThan(0);
    for (const { path, markup } of pictures) {
      expect(markup, path).toMatch(
        /^<picture>\n {2}<source media="\(prefers-color-scheme: dark\)" srcset="(\S+)-dark\.(svg|png)">\n {2}<img alt="[^"]{20,}" src="\1\.\2"( width="\d+")?>\n<\/picture>$/,
      );
      for (const [, file = ""] of markup.matchAll(/(?:src|srcset)="([^"]+)"/g)) {
        expect(existsSync(join(dirname(path), file)), `${path}: ${file}`).toBe(true);
      }
    }
  });
});
