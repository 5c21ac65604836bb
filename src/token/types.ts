/** The same type with every member read-only, at every depth. */
export type DeepReadonly<T> = T extends object
  ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
  : T;

/** A JOSE header (RFC 7515 section 4). Only `alg`, `kid` and `typ` are ever used. */
export interface JwtHeader {
  alg: string;
  kid?: string | undefined;
  typ?: string | undefined;
  [parameter: string]: unknown;
}

/** The registered claims (RFC 7519 section 4.1). Times are seconds since the epoch. */
export interface JwtPayload {
  iss: string;
  aud: string | string[];
  exp: number;
  nbf?: number | undefined;
  iat?: number | undefined;
  sub?: string | undefined;
  jti?: string | undefined;
  [claim: string]: unknown;
}

/** A token that passed every check. It is deep-frozen. */
export interface VerifiedToken<P = JwtPayload> {
  readonly payload: DeepReadonly<P>;
  readonly header: DeepReadonly<JwtHeader>;
  /** The `iss` claim, equal to a configured issuer. */
  readonly issuer: string;
}
