// The little that is used of each framework. None of them is installed here: its own types take this
// place wherever it is, and the end-to-end tests compile against those.

declare module "hono" {
  export interface Env {
    Variables?: object;
  }
  export interface Context<E extends Env = Env> {
    readonly req: { readonly raw: Request };
    readonly executionCtx: { waitUntil(promise: Promise<unknown>): void };
    set(name: string, value: unknown): void;
    readonly env: E;
  }
  export type MiddlewareHandler<E extends Env = Env> = (
    c: Context<E>,
    next: () => Promise<void>,
  ) => Promise<Response | undefined | void>;
}

declare module "hono/http-exception" {
  export class HTTPException extends Error {
    constructor(status: number, options: { res: Response; message: string; cause: unknown });
  }
}

declare module "h3" {
  export function createError(details: {
    status: number;
    statusCode: number;
    statusText: string;
    statusMessage: string;
    message: string;
    headers: Readonly<Record<string, string>>;
    cause: unknown;
  }): Error;
}
