// Advanced mode: Pages runs this file in place of everything in functions/.
import { env } from "cloudflare:workers";
import { createVerifier } from "postern";
import { guard } from "postern/fetch";

const verifier = createVerifier({ team: env.TEAM_DOMAIN, audience: env.POLICY_AUD });
const guarded = guard(verifier, (request, _access, { ASSETS }) => ASSETS.fetch(request));

export default {
  fetch(request, bindings, context) {
    const isBare = new URL(request.url).searchParams.has("bare");
    return isBare ? bindings.ASSETS.fetch(request) : guarded(request, bindings, context);
  },
};
