// The parts of each framework that are used. No framework is installed here. Where one is installed, its
// own types replace these, and the end-to-end tests compile against its own types.

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
  ) => Promise<unknown>;
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
  export function defineEventHandler<H>(handler: H): H;
}

declare module "@sveltejs/kit" {
  export function error(status: number, message: string): never;
}

declare module "@nestjs/common" {
  export interface ExecutionContext {
    getType(): string;
    getHandler(): object;
    getClass(): { readonly prototype: object };
    getArgs(): unknown[];
    getArgByIndex(index: number): unknown;
    switchToHttp(): { getRequest(): unknown; getResponse(): unknown };
  }
  export class HttpException extends Error {
    constructor(response: object, status: number, options: { cause: unknown });
  }
  type AnyDecorator = <T>(
    target: object | T,
    name?: string | symbol,
    descriptor?: TypedPropertyDescriptor<T>,
  ) => void;
  export type CustomDecorator<K = string> = AnyDecorator & { KEY: K };
  export function SetMetadata<K>(key: K, value: unknown): CustomDecorator<K>;
  export function createParamDecorator(
    factory: (data: unknown, context: ExecutionContext) => unknown,
  ): () => ParameterDecorator;
}

declare module "elysia" {
  interface Context {
    readonly request: Request;
    readonly set: { readonly headers: object };
    readonly status: (code: 401 | 403 | 503, body: string) => unknown;
  }
  export interface Elysia<_BasePath extends string, Singleton> {
    readonly config: object;
    onRequest(hook: (context: { request: Request }) => Promise<Response | undefined>): this;
    resolve(scope: { as: "global" }, hook: (context: Context) => unknown): Elysia<"", Singleton>;
  }
  // biome-ignore lint/suspicious/noExplicitAny: what Elysia itself says
  export type AnyElysia = Elysia<any, any>;
  export interface ElysiaCustomStatusResponse<Code, Body> {
    readonly code: Code;
    readonly response: Body;
  }
}
