import type { VerifiedAccessToken } from "postern";

export const onRequestGet: PagesFunction<Env, never, { access: VerifiedAccessToken }> = ({
  data,
}) => Response.json(data.access.principal);
