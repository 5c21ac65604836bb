// Ports of the servers behind; a build stores them.
const { BEHIND = "http://127.0.0.1:9" } = process.env;

export default {
  redirects: async () => [{ source: "/moved", destination: "/secret-place", permanent: false }],
  rewrites: async () => ({
    beforeFiles: [
      { source: "/rewritten", destination: "/admin" },
      { source: "/rewritten-guarded", destination: "/guarded" },
    ],
    afterFiles: [{ source: "/behind/:path*", destination: `${BEHIND}/:path*` }],
  }),
};
