import { withBase } from "vitepress";
import DefaultTheme from "vitepress/theme";
import { h } from "vue";
import "./style.css";

/** The default one has no main part. */
function notFound() {
  return h("main", { class: "vp-doc missing" }, [
    h("h1", "There is no such page"),
    h("p", "It may have moved. The search at the top knows every page."),
    h("p", [h("a", { href: withBase("/") }, "Go to the first page")]),
  ]);
}

export default {
  ...DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { "not-found": notFound }),
};
