// What a reader has around a block: the types of the own bindings, what Workers add to the web, and
// files that a page says to put beside it.

declare module "cloudflare:workers" {
  export const env: { readonly TEAM_DOMAIN: string; readonly POLICY_AUD: string };
  export function waitUntil(promise: Promise<unknown>): void;
}

interface ResponseInit {
  webSocket?: unknown;
}

declare const WebSocketPair: new () => Record<string, { accept(): void } & WebSocket>;

declare module "*app.cjs" {
  export * from "app.js";
}

declare module "*app.js" {
  export function createApp(options: object): {
    // biome-ignore lint/suspicious/noExplicitAny: JavaScript leaves open what an address is
    listen(port: number, host?: string): any;
    fetch(request: Request): Promise<Response>;
  };
}

declare module "*postern.vendor.js" {
  export * from "postern";
}
