import { accessPlugin } from "postern/h3";
import { isGuardedBy, verifier } from "../guard.js";

const guard = accessPlugin(verifier, { publicPaths: ["/public"] });

export default (nitroApp) => {
  if (isGuardedBy("plugin")) guard(nitroApp);
  nitroApp.hooks.hook("request", () => console.log("the hook has run"));
};
