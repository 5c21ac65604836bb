/**
 * Runs tests one after the other, prints each, and ends with the numbers of passed and failed
 * tests.
 */
export async function run(tests, beforeEach) {
  let failed = 0;
  for (const { title, body } of tests) {
    try {
      await beforeEach();
      await body();
      console.log(`✓ ${title}`);
    } catch (error) {
      failed++;
      console.log(`✗ ${title}\n${error.stack}`);
    }
  }
  console.log(`${tests.length - failed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}
