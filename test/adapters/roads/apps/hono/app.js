// One application for every runtime, which passes in its helpers.
import { Hono } from "hono";
import { validator } from "hono/validator";
import { createVerifier } from "postern";
import { requireAccess } from "postern/hono";

const area = (c) => c.text("the admin area", 200, { "x-area": "the admin area" });
const isPublic = (path) => path === "/public" || path.startsWith("/public/");

export function createApp({ team, audience, upgradeWebSocket, serveStatic }) {
  const verifier = createVerifier({ team, audience });
  const inner = new Hono().get("/x", area).notFound(area);
  const app = new Hono();
  app.all("/early", area);
  app.use("/api/*", requireAccess(verifier)).all("/api", area).all("/apis", area);
  app.use(requireAccess(verifier, { publicPaths: isPublic }));
  app.all("/admin", area);
  app.get("/public/*", (c) => c.text("open to everybody"));
  app.route("/routed", inner);
  app.mount("/mounted", inner.fetch);
  app.basePath("/based").get("/x", area);
  app.post(
    "/rpc",
    validator("json", (_value, c) => c.text("the admin area: a schema", 400)),
    area,
  );
  app.get("/page", async (c) => {
    c.setRenderer((content) => c.html(`<p>${content}</p>`));
    return c.render("the admin area");
  });
  app.get("/broken", () => {
    throw new Error("broken");
  });
  if (serveStatic) app.get("/secret.txt", serveStatic({ path: "./secret.txt" }));
  const events = { onMessage: (_event, ws) => ws.send("the admin area") };
  app.get(
    "/ws",
    upgradeWebSocket(() => events),
  );
  app.notFound((c) => c.text("the admin area is not here", 404));
  app.onError((error, c) => error.getResponse?.() ?? c.text("the admin area is broken", 500));
  return app;
}
