import { accessPlugin } from "postern/h3";
import { isGuardedBy, verifier } from "../guard.js";

const guard = accessPlugin(verifier, {
  publicPaths: (path) => path === "/public" || path.startsWith("/_nuxt/"),
});

export default (nitroApp) => {
  if (isGuardedBy("plugin")) guard(nitroApp);
  nitroApp.hooks.hook("request", () => console.log("the hook has run"));
};
