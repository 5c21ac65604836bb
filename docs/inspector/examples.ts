import { createTestIssuer, type TestIssuer } from "../../src/testing/index.ts";
import { fillIn } from "./fill-in.ts";

const TEAM = "acme";
const DAY = 86_400;

/** A token and keys of a team that does not exist. They are made in the page. */
interface Sample {
  readonly issuer: TestIssuer;
  readonly token: string;
}

const SAMPLES: { readonly [name: string]: (issuer: TestIssuer) => Promise<string> } = {
  __proto__: null as never,
  genuine: (issuer) => issuer.userToken({ ...since(2 * 3600), email: "ada@example.com" }),
  expired: (issuer) => issuer.userToken({ ...since(DAY + 3 * 3600), email: "ada@example.com" }),
  audience: (issuer) =>
    issuer.userToken({ ...since(2 * 3600), email: "ada@example.com", aud: ["0e1f".repeat(16)] }),
  org: (issuer) => issuer.orgToken({ ...since(2 * 3600), email: "ada@example.com" }),
  meta: (issuer) => issuer.metaToken(),
  async forged(issuer) {
    const [header, , signature] = (await issuer.userToken(since(3600))).split(".");
    const [, payload] = (await issuer.userToken({ email: "ceo@example.com" })).split(".");
    return `${header}.${payload}.${signature}`;
  },
  async rotated(issuer) {
    const token = await issuer.userToken({ ...since(40 * DAY), exp: seconds() + 3600 });
    await issuer.rotate();
    await issuer.rotate();
    return token;
  },
};

const seconds = (): number => Math.floor(Date.now() / 1000);

function since(ago: number): { iat: number; nbf: number; exp: number } {
  const iat = seconds() - ago;
  return { iat, nbf: iat, exp: iat + DAY };
}

async function make(name: string): Promise<Sample | undefined> {
  const sample = SAMPLES[name];
  if (sample === undefined) return undefined;
  const issuer = await createTestIssuer({ team: TEAM });
  return { issuer, token: await sample(issuer) };
}

/** Buttons that fill in the whole form. */
export function offerExamples(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-example]")) {
    button.addEventListener("click", async () => {
      // Making two RSA keys takes a moment.
      button.setAttribute("aria-busy", "true");
      const made = await make(button.dataset["example"] ?? "");
      button.removeAttribute("aria-busy");
      if (made === undefined) return;
      const { issuer, token } = made;
      const keys = JSON.stringify({ keys: issuer.jwks().keys }, undefined, 1);
      fillIn({ token, team: TEAM, audience: issuer.audience, keys });
    });
  }
}
