// Writes docs/performance.md again, from the results of the last run.

import { writePage } from "./results.js";

writePage();
