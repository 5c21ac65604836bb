import { readFileSync } from "node:fs";
import { slug } from "github-slugger";
import { defineConfig } from "vitepress";
import { repository, site } from "../address.js";
import { placeOf } from "../place.js";
import { GROUPS } from "../sidebar.js";
import { extendMarkdown } from "./markdown.js";

const own = new URL("..", import.meta.url);
const modules = JSON.parse(readFileSync(new URL(".pages/modules.json", own), "utf8"));
const { version } = JSON.parse(readFileSync(new URL("../../package.json", own), "utf8"));

const PLURALS = { "Type Aliases": "Types" };

export default defineConfig({
  lang: "en-GB",
  title: "postern",
  description: "Verifies Cloudflare Access tokens at the origin.",
  base: site.pathname,
  srcDir: ".pages",
  srcExclude: ["public/**"],
  outDir: "../../site",
  sitemap: { hostname: site.href },
  // Every page would carry the whole sidebar and all hashes a second time.
  metaChunk: true,
  vite: { publicDir: "public", build: { chunkSizeWarningLimit: 4000 } },

  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    // The anchors that the pages have in the repository.
    anchor: { slugify: slug },
    config: extendMarkdown,
  },

  head: [
    ["link", { rel: "icon", type: "image/svg+xml", href: `${site.pathname}icon.svg` }],
    ["meta", { name: "theme-color", content: "#7a4a1f" }],
  ],
  transformHead: ({ page, title, description }) => previewOf(page, title, description),

  themeConfig: {
    logo: "/icon.svg",
    nav: [
      {
        text: "Guide",
        link: "/guide/getting-started",
        activeMatch: "^/(guide/(?!frameworks)|readme)",
      },
      { text: "Frameworks", link: "/guide/frameworks/", activeMatch: "^/guide/frameworks/" },
      { text: "Errors", link: "/errors" },
      { text: "API", link: "/api/", activeMatch: "^/api/" },
      // It is a page of its own, without this site's scripts.
      { text: "Inspector", link: "/inspector.html", target: "_self" },
      {
        text: version,
        items: [
          { text: "Changelog", link: "/changelog" },
          { text: "Report a vulnerability", link: "/security" },
          { text: "Contributing", link: "/contributing" },
        ],
      },
    ],
    sidebar: {
      "/api/": [{ text: "API reference", link: "/api/" }, ...modules.map(moduleGroup)],
      "/": GROUPS.map(guideGroup),
    },
    outline: { level: [2, 3] },
    search: {
      provider: "local",
      options: {
        // Code is found without its colours, which take most of the time.
        _render: (source, env, markdown) =>
          markdown.render(source.replace(/^( *```)\w[^\n`]*$/gm, "$1"), env),
        miniSearch: {
          searchOptions: {
            fuzzy: 0.2,
            prefix: true,
            boost: { title: 4, text: 2, titles: 1 },
            // A guide's section comes before a member of the same name.
            boostDocument: (id) => (id.includes("/api/") ? 0.7 : 1),
          },
        },
      },
    },
    ...(repository && {
      editLink: {
        pattern: ({ frontmatter }) => `${repository}/edit/main/${frontmatter.source}`,
        text: "Edit this page",
      },
      socialLinks: [{ icon: "github", link: repository, ariaLabel: "Repository" }],
    }),
    footer: { message: "MIT licence" },
  },
});

function guideGroup({ text, pages }) {
  const items = pages.map(([text, path]) => ({
    text,
    link: `/${placeOf(path).replace(/(?:index)?\.md$/, "")}`,
  }));
  return { text, items };
}

function moduleGroup({ name, place, groups }) {
  const link = (page) => `/api/${page.replace(/(?:index)?\.md$/, "")}`;
  return {
    text: name,
    link: link(place),
    collapsed: name !== "postern",
    items: groups
      .filter(({ members }) => members.length > 0)
      .map(({ title, members }) => ({
        text: PLURALS[title] ?? title,
        items: members.map(({ name, place }) => ({ text: name, link: link(place) })),
      })),
  };
}

/** What other sites show of a page, where its Markdown is, and its one address. */
function previewOf(page, title, description) {
  if (page === "404.md") return [];
  const address = new URL(
    page.replace(/(?:(?<=^|\/)index)?\.md$/, (end) => (end === ".md" ? ".html" : "")),
    site,
  ).href;
  const properties = {
    "og:type": "website",
    "og:site_name": "postern",
    "og:title": title,
    "og:description": description,
    "og:url": address,
    "og:image": new URL("card.png", site).href,
    "og:image:alt": "postern verifies Cloudflare Access tokens at the origin",
  };
  return [
    ["link", { rel: "canonical", href: address }],
    ["link", { rel: "alternate", type: "text/markdown", href: site.pathname + page }],
    ["meta", { name: "twitter:card", content: "summary_large_image" }],
    ...Object.entries(properties).map(([property, content]) => ["meta", { property, content }]),
  ];
}
