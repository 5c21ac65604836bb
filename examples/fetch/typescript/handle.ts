import type { VerifiedAccessToken } from "postern";

// Runs after the guard, with the verified token. It is the same on every runtime.
export async function handle(request: Request, access?: VerifiedAccessToken) {
  switch (`${request.method} ${new URL(request.url).pathname}`) {
    case "GET /":
      return Response.json(access?.principal);
    case "GET /public":
      return new Response("open to everybody");
    case "GET /admin":
      return new Response("the admin area");
    case "POST /upload": {
      // The guard has not read the body.
      const digest = await crypto.subtle.digest("SHA-256", await request.arrayBuffer());
      const bytes = Array.from(new Uint8Array(digest));
      return new Response(bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(""));
    }
    default:
      return new Response("not found", { status: 404 });
  }
}
