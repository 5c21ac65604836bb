/** What `postern/nest` uses of `@nestjs/common`, which is not installed here. */

const metadata = new WeakMap<object, Map<string, unknown>>();

export class HttpException extends Error {
  constructor(body: { message: string }, status: number, options?: ErrorOptions) {
    super(body.message, options);
    Object.assign(this, { body, status });
  }
}

/** A decorator of a class, or of a method's function. */
export const SetMetadata =
  (key: string, value: unknown) =>
  (target: object, _name?: string, descriptor?: { value: object }): void => {
    const marked = descriptor?.value ?? target;
    metadata.set(marked, new Map(metadata.get(marked)).set(key, value));
  };

export const createParamDecorator = (factory: unknown): unknown => factory;

/** What `reflect-metadata` adds: metadata of the target alone, and of its prototypes too. */
export const reflectMetadata = {
  getOwnMetadata: (key: string, target: object): unknown => metadata.get(target)?.get(key),
  getMetadata(key: string, target: object | null): unknown {
    if (target === null) return undefined;
    if (metadata.get(target)?.has(key)) return metadata.get(target)?.get(key);
    return reflectMetadata.getMetadata(key, Object.getPrototypeOf(target));
  },
};
