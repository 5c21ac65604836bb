// A change that stops a module from loading leaves a test file without tests, and Stryker's runner sees no
// test that failed. It is noticed all the same: for this runner, loading a file is a test of its own.
import { declareFactoryPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import { DryRunStatus, TestStatus } from "@stryker-mutator/api/test-runner";
import { strykerPlugins as theirs } from "@stryker-mutator/vitest-runner";

export { strykerValidationSchema } from "@stryker-mutator/vitest-runner";

const vitestRunner = theirs.find(({ kind }) => kind === PluginKind.TestRunner).factory;

function factory(injector) {
  const runner = vitestRunner(injector);
  const run = runner.run.bind(runner);
  runner.run = async (options) => {
    const result = await run(options);
    const unloaded = runner.ctx.state
      .getFiles()
      .filter(({ result, tasks }) => result?.state === "fail" && tasks.length === 0);
    if (unloaded.length === 0) return result;
    const [{ name, result: failure }] = unloaded;
    const test = {
      id: `${name}#loads`,
      name: `${name} loads`,
      timeSpentMs: 0,
      status: TestStatus.Failed,
      failureMessage: failure.errors?.[0]?.message ?? "did not load",
    };
    return { status: DryRunStatus.Complete, tests: [...(result.tests ?? []), test] };
  };
  return runner;
}
factory.inject = vitestRunner.inject;

export const strykerPlugins = [
  declareFactoryPlugin(PluginKind.TestRunner, "load-is-a-test", factory),
];
