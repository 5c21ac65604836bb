/** The token inspector as a page of the site: with a description, and a way back. */
export function inspectorPage(html) {
  const about =
    "Paste a Cloudflare Access token: see what it says, whether it is genuine, and why it is refused. " +
    "Nothing leaves the page.";
  const parts = [
    [
      "</head>",
      `<meta name="description" content="${about}">\n<link rel="icon" href="icon.svg">\n</head>`,
    ],
    ["</footer>", '<p><a href="./">To the documentation of postern</a></p>\n</footer>'],
  ];
  return parts.reduce((page, [before, after]) => {
    if (!page.includes(before)) throw new Error(`the inspector has no ${before}`);
    return page.replace(before, () => after);
  }, html);
}
