// Loaded before an application: verification throws, and not even an error, for one user.
const { verify } = SubtleCrypto.prototype;

SubtleCrypto.prototype.verify = function (algorithm, key, signature, data) {
  const [, payload = ""] = new TextDecoder().decode(data).split(".");
  const claims = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
  return claims.includes('"fault@example.com"')
    ? Promise.reject(undefined)
    : verify.call(this, algorithm, key, signature, data);
};
