import { readFile } from "node:fs/promises";
import { Application, Converter, ReflectionKind, TSConfigReader, TypeDocReader } from "typedoc";
import { MarkdownPageEvent } from "typedoc-plugin-markdown";
import ts from "typescript";
import { plain, shorten } from "./describe.js";

/** The reference of all that is public: its pages and its modules. A warning ends the build. */
export async function readReference(options, first) {
  const app = await Application.bootstrapWithPlugins({ options }, [
    new TypeDocReader(),
    new TSConfigReader(),
  ]);
  app.converter.on(Converter.EVENT_CREATE_SIGNATURE, (_, signature, declaration) => {
    if (signature.hasComment()) nameThrown(signature.comment, declaration);
  });
  const project = await app.convert();
  if (project === undefined) throw new Error("the sources do not compile");
  for (const { signatures } of project.getReflectionsByKind(ReflectionKind.All)) {
    dropRepeatedExamples(signatures ?? []);
  }
  app.options.setValue("intentionallyNotDocumented", foreignMembers(project));
  app.validate(project);

  const pages = [];
  const places = new Map();
  app.renderer.on(MarkdownPageEvent.END, ({ model, url, contents }) => {
    places.set(model, url);
    pages.push({
      place: `api/${url}`,
      text: contents,
      ...aboutOf(model),
      pageClass: "reference",
      editLink: false,
    });
  });
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("the reference has gaps");

  const modules = project.children.map((module) => contentsOf(module, places));
  const index = pages.find(({ place }) => place === "api/index.md");
  const rows = modules.map(({ name, place, about }) => `| [${name}](${place}) | ${about} |\n`);
  index.text = (await readFile(first, "utf8")) + rows.join("");
  return { pages, modules };
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

/** Overloads that have the comment of the first one need its example only once. */
function dropRepeatedExamples([first, ...others]) {
  const example = textOf(first?.comment?.getTag("@example")?.content);
  for (const { comment } of others) {
    if (example !== "" && textOf(comment?.getTag("@example")?.content) === example) {
      comment.removeTags("@example");
    }
  }
}

/** `…Like` is the part of another library's type that is used, and its own pages document it. */
function foreignMembers(project) {
  return project
    .getReflectionsByKind(ReflectionKind.Method | ReflectionKind.Property)
    .filter((member) => /Like\./.test(member.getFullName()))
    .filter((member) => callsOf(member)?.every((call) => !call.hasComment()))
    .map((member) => member.getFullName());
}

/** The ways to call a method, or a property that is a function. */
function callsOf({ signatures, type }) {
  return signatures ?? type?.declaration?.signatures;
}

/** What a page says of itself. */
function aboutOf(model) {
  const kind = ReflectionKind.singularString(model.kind).toLowerCase();
  const { name: module } = moduleOf(model);
  const isModule = model.kindOf(ReflectionKind.Module);
  const summary = shorten(plain(textOf(commentOf(model)?.summary)));
  return {
    title: model.kindOf(ReflectionKind.Function) ? `${model.name}()` : model.name,
    titleTemplate: isModule ? ":title, API reference" : `:title, ${kind} of ${module}`,
    description: summary || `The ${kind} ${model.name} of ${module}, with its members.`,
  };
}

function moduleOf(model) {
  return model.isProject() || model.kindOf(ReflectionKind.Module) ? model : moduleOf(model.parent);
}

function commentOf({ comment, signatures }) {
  return comment ?? signatures?.[0].comment;
}

function textOf(parts = []) {
  return parts.map(({ text }) => text).join("");
}

/** What a module holds, for the table of modules and the sidebar. */
function contentsOf(module, places) {
  const groups = module.groups.map(({ title, children }) => ({
    title,
    // What is exported again has its page where it is exported first.
    members: children
      .filter((child) => places.has(child))
      .map((child) => ({ name: child.name, place: places.get(child) })),
  }));
  const about = textOf(module.comment.summary).replace(/\s+/g, " ").trim();
  return { name: module.name, place: places.get(module), about, groups };
}
