import {
  Application,
  Converter,
  PageEvent,
  ReflectionKind,
  TSConfigReader,
  TypeDocReader,
} from "typedoc";
import ts from "typescript";
import { way } from "./pages.js";

/** The reference of all that is public. A warning ends the build. */
export async function writeReference(options) {
  const app = await Application.bootstrap({ options }, [new TypeDocReader(), new TSConfigReader()]);
  app.converter.on(Converter.EVENT_CREATE_SIGNATURE, (_, signature, declaration) => {
    if (signature.hasComment()) nameThrown(signature.comment, declaration);
  });
  // The ways out of the reference start at each page's own depth.
  app.renderer.on(PageEvent.END, (page) => {
    const out = (_, address) => `href="${way(`api/${page.url}`, address)}"`;
    page.contents = page.contents.replace(/href="site:([^"]+)"/g, out);
  });
  const project = await app.convert();
  if (project === undefined) throw new Error("the sources do not compile");
  // `…Like` is the part of another library's type that is used, and its own pages document it.
  const foreign = project
    .getReflectionsByKind(ReflectionKind.Method | ReflectionKind.Property)
    .filter((member) => /Like\./.test(member.getFullName()))
    .filter((member) => callsOf(member)?.every((call) => !call.hasComment()))
    .map((member) => member.getFullName());
  app.options.setValue("intentionallyNotDocumented", foreign);
  project.readme.push({ kind: "text", text: "\n" }, ...project.children.flatMap(rowOf));
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("the reference has gaps");
}

/** TypeDoc leaves the type out of `@throws {Type} when`: it is put before the text again. */
function nameThrown(comment, declaration) {
  const thrown = comment?.blockTags.filter(({ tag }) => tag === "@throws") ?? [];
  // Overloads have the comment of the first one.
  const sources = [declaration, ...(declaration?.symbol?.declarations ?? [])];
  const types = sources
    .map((source) => ts.getJSDocTags(source).filter(({ tagName }) => tagName.text === "throws"))
    .find((tags) => tags.length === thrown.length);
  if (types === undefined) throw new Error(`@throws is not read: ${declaration.getText()}`);
  for (const [at, { content }] of thrown.entries()) {
    const type = types[at].typeExpression?.type.getText();
    if (type === undefined) continue;
    content.unshift({ kind: "code", text: `\`${type}\`` }, { kind: "text", text: " " });
  }
}

/** The ways to call a method, or a property that is a function. */
function callsOf({ signatures, type }) {
  return signatures ?? type?.declaration?.signatures;
}

/** A row of the table at the end of the reference's first page. */
function rowOf(module) {
  return [
    { kind: "text", text: "| " },
    { kind: "inline-tag", tag: "@link", text: module.name, target: module },
    { kind: "text", text: " | " },
    ...module.comment.summary,
    { kind: "text", text: " |\n" },
  ];
}
