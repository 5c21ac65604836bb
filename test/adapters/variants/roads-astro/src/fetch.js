import { astro, FetchState, middleware, pages } from "astro/fetch";

// A site's own pipeline in place of Astro's.
const own = {
  guarded: (state) => middleware(state, pages),
  bare: (state) => pages(state),
};
const handle = own[process.env.PIPELINE] ?? astro;

export default { fetch: (request) => handle(new FetchState(request)) };
