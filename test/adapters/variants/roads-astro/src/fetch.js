import { astro, FetchState, middleware, pages } from "astro/fetch";

// What a site may do in place of Astro's own pipeline.
const own = {
  guarded: (state) => middleware(state, pages),
  bare: (state) => pages(state),
};
const handle = own[process.env.PIPELINE] ?? astro;

export default { fetch: (request) => handle(new FetchState(request)) };
