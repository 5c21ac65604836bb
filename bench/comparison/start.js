import { writeFile } from "node:fs/promises";
import { measure } from "./measure.js";
import { page } from "./page.js";

const PAGE = new URL("../../docs/comparison.md", import.meta.url);
await writeFile(PAGE, await page(await measure()));
