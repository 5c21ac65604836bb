// One application, on Bun and on Node, guarded by the line that LINE names.
import { Elysia, t } from "elysia";
import { createVerifier } from "postern";
import { accessPlugin, requireAccess } from "postern/elysia";

const { TEAM_DOMAIN, POLICY_AUD, PORT, LINE, RELEASE } = process.env;
const isBun = "Bun" in globalThis;

const verifier = createVerifier({ team: TEAM_DOMAIN, audience: POLICY_AUD });
const publicPaths = (path) => path === "/public" || path.startsWith("/public/");

const guards = {
  plugin: accessPlugin(verifier, { publicPaths }),
  resolve: (app) => app.resolve({ as: "global" }, requireAccess(verifier, { publicPaths })),
  none: (app) => app,
};

const area = () => "the admin area";
const adapter = isBun ? undefined : (await import("@elysiajs/node")).node();
const routes = isBun ? { "/bun": new Response(area()) } : undefined;

const app = new Elysia({ adapter, serve: { routes } })
  .onRequest(() => console.log("the hook has run"))
  .get("/early", area)
  .use(guards[LINE])
  .get("/admin", area)
  .post("/admin", area)
  .delete("/admin", area)
  .options("/admin", area)
  .get("/public", () => "open to everybody")
  .get("/public/*", () => "open to everybody")
  .get("/constant", "the admin area")
  .all("/all", area)
  .all("/any/*", area)
  .post("/body", area, { body: t.Object({ name: t.String() }) })
  .get("/query", area, { query: t.Object({ name: t.String() }) })
  .mount("/mounted", () => new Response(area()))
  .mount("/inner", new Elysia().get("/x", area))
  .group("/group", (group) => group.get("/x", area))
  .guard({}, (guarded) => guarded.get("/within", area))
  .use(new Elysia({ prefix: "/plugin" }).get("/x", area))
  .use(Promise.resolve(new Elysia({ prefix: "/later" }).get("/x", area)))
  .get("/broken", () => {
    throw new Error("broken");
  })
  .onError(({ code }) => `${area()} ${code}`)
  .ws("/ws", {
    open: (ws) => ws.send(`the admin area of ${ws.data.access?.principal.email}`),
    message() {},
  });

if (RELEASE !== "oldest") {
  const { staticPlugin } = await import("@elysiajs/static");
  app.use(await staticPlugin({ assets: `${import.meta.dirname}/public`, prefix: "/files" }));
}

app.listen({ hostname: "127.0.0.1", port: Number(PORT) });
