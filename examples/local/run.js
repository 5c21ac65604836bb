// Runs Local Access in front of a guarded application until Ctrl-C.
import { startBoth } from "./start.js";

const { access, application, stop } = await startBoth({ port: Number(process.env.PORT ?? 8788) });
const { clientId, clientSecret } = access.serviceToken;

console.log(`
Open            ${access.url}
As a service    curl -H 'CF-Access-Client-Id: ${clientId}' \\
                     -H 'CF-Access-Client-Secret: ${clientSecret}' ${access.url}/api/me
Directly        curl ${application.url}     (refused: there is no token)
Controls        ${access.controls.url}
  their secret  ${access.controls.secret}

Ctrl-C ends it.
`);

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);
