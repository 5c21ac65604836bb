/** A chart in Markdown, in the reader's light or dark scheme; GitHub and the site both follow it. */
export function picture(name, alt) {
  return `<picture>
  <source media="(prefers-color-scheme: dark)" srcset="img/${name}-dark.svg">
  <img alt="${alt}" src="img/${name}.svg" width="520">
</picture>`;
}
