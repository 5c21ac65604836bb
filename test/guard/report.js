let passed = 0;
let failed = 0;

/** One behaviour: what happens when it does not hold is said, and the others go on. */
export async function check(title, work) {
  try {
    await work();
    passed++;
    console.log(`✓ ${title}`);
  } catch (error) {
    failed++;
    console.log(`✗ ${title}\n  ${String(error.message).replaceAll("\n", "\n  ")}`);
  }
}

/** Says how many passed, and exits with 1 when one did not. */
export function report() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
