// Every framework, and how its example is built and run.

export const FRAMEWORKS = [
  { name: "Express 5", example: "express" },
  {
    name: "Express 4",
    example: "express",
    folder: "express4",
    replace: { "server.js": ['from "express"', 'from "express4"'] },
  },
  { name: "Hono", example: "hono" },
  { name: "Fastify", example: "fastify" },
  { name: "Koa", example: "koa", isTextOnly: true },
  { name: "h3", example: "h3" },
];
