import { createPublicKey, generateKeyPairSync, sign, X509Certificate } from "node:crypto";

/** An untrusted certificate for a server on this machine; a new one for every run. */
export function selfSigned(host: string): { key: string; cert: string } {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const spki = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  // ecdsa-with-SHA256 (RFC 5758 section 3.2); id-at-commonName (RFC 5280 appendix A.1).
  const algorithm = der(0x30, der(0x06, Buffer.from("2a8648ce3d040302", "hex")));
  const commonName = der(
    0x30,
    der(0x06, Buffer.from("550403", "hex")),
    der(0x0c, Buffer.from(host)),
  );
  const name = der(0x30, der(0x31, commonName));
  const validity = der(0x30, utcTime(-1), utcTime(1));
  const serial = der(0x02, Buffer.from([1]));
  // TBSCertificate of version 1, which has no extensions (RFC 5280 section 4.1).
  const body = der(0x30, serial, algorithm, name, validity, name, spki);
  const signature = sign("sha256", body, privateKey);
  const certificate = der(0x30, body, algorithm, der(0x03, Buffer.from([0]), signature));
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: new X509Certificate(certificate).toString(),
  };
}

/** One element of DER (ITU-T X.690 section 8.1). */
function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function utcTime(days: number): Buffer {
  const time = new Date(Date.now() + days * 86_400_000).toISOString();
  return der(0x17, Buffer.from(`${time.slice(2, 19).replace(/[-T:]/g, "")}Z`));
}
