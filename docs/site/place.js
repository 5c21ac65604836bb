export const AT_THE_ROOT = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"];
export const HOME = "docs/site/index.md";

/** A page's file in the site: `docs/` is its root, and a folder's README the index. */
export function placeOf(path) {
  if (path === HOME) return "index.md";
  if (AT_THE_ROOT.includes(path)) return path.toLowerCase();
  return path.replace(/^docs\//, "").replace(/(?<=^|\/)README\.md$/, "index.md");
}
