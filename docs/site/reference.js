import { Application, ReflectionKind, TSConfigReader, TypeDocReader } from "typedoc";

/** The reference of all that is public. A warning ends the build. */
export async function writeReference(options) {
  const app = await Application.bootstrap({ options }, [new TypeDocReader(), new TSConfigReader()]);
  const project = await app.convert();
  if (project === undefined) throw new Error("the sources do not compile");
  // `…Like` is the part of another library's type that is used, and its own pages document it.
  const foreign = project
    .getReflectionsByKind(ReflectionKind.Method | ReflectionKind.Property)
    .filter((member) => /Like\./.test(member.getFullName()))
    .filter((member) => callsOf(member)?.every((call) => !call.hasComment()))
    .map((member) => member.getFullName());
  app.options.setValue("intentionallyNotDocumented", foreign);
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("the reference has gaps");
}

/** The ways to call a method, or a property that is a function. */
function callsOf({ signatures, type }) {
  return signatures ?? type?.declaration?.signatures;
}
