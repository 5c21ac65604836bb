// One row per framework, with its failures below it.

export function createReport() {
  let passed = 0;
  let failed = 0;

  return {
    /** Runs the checks of one row; each is a title and a function that throws. */
    async row(name, checks, prepare) {
      const wrong = [];
      const startedAt = Date.now();
      let good = 0;
      let context;
      try {
        context = await prepare();
        for (const [title, check] of checks) {
          try {
            await check(context);
            good++;
          } catch (error) {
            wrong.push(`${title}: ${error.message}`);
          }
        }
      } catch (error) {
        wrong.push(`it does not start: ${error.message}`);
      } finally {
        await context?.close?.();
      }
      passed += good;
      failed += wrong.length;
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
      const mark = wrong.length === 0 ? "✓" : "✗";
      const count = `${good}/${good + wrong.length}`;
      console.log(`${mark} ${name.padEnd(34)} ${count.padStart(7)}  ${seconds.padStart(6)} s`);
      for (const line of wrong) console.log(`    ${line.replaceAll("\n", "\n    ")}`);
    },
    end() {
      console.log(`\n${passed} passed, ${failed} failed`);
      process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
    },
  };
}
