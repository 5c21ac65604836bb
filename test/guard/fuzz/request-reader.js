const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;

/**
 * Reads the requests of one connection as strictly as RFC 9112 allows: what two servers could read
 * differently is a fault. It shares nothing with Node's parser, which the guard uses.
 */
export class RequestReader {
  #bytes = Buffer.alloc(0);
  #open;

  /** @param on takes `head`, `end` and `fault`; `head` may say that what follows is no HTTP any more */
  constructor(on) {
    this.on = on;
  }

  push(chunk) {
    if (this.isRaw) {
      this.on.raw(chunk);
      return;
    }
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    try {
      while (this.#step());
    } catch (error) {
      this.isRaw = true;
      this.on.fault(error.message, this.#bytes.toString("latin1").slice(0, 500));
    }
  }

  #step() {
    if (this.isRaw || this.#bytes.length === 0) return false;
    if (this.#open !== undefined) return this.#body(this.#open);
    const end = this.#bytes.indexOf("\r\n\r\n");
    if (end < 0) return false;
    const request = readHead(
      this.#take(end + 4)
        .toString("latin1")
        .slice(0, -4),
    );
    this.on.head(request);
    if (this.isRaw) {
      this.on.raw(this.#take(this.#bytes.length));
      return false;
    }
    this.#open = request;
    return this.#body(request);
  }

  #body(request) {
    if (request.isChunked) return this.#chunk(request);
    if (this.#bytes.length < request.length) return false;
    request.body = this.#take(request.length);
    return this.#done(request);
  }

  #chunk(request) {
    const end = this.#bytes.indexOf("\r\n");
    if (end < 0) return false;
    if (request.isInTrailers) {
      const line = this.#take(end + 2)
        .toString("latin1")
        .slice(0, -2);
      if (line === "") return this.#done(request);
      request.trailers.push(readField(line));
      return true;
    }
    const size = this.#bytes.toString("latin1", 0, end);
    if (!/^[\da-f]{1,8}$/i.test(size)) throw new Error(`a chunk's size is ${JSON.stringify(size)}`);
    const length = Number.parseInt(size, 16);
    if (length === 0) {
      this.#take(end + 2);
      request.isInTrailers = true;
      return true;
    }
    if (this.#bytes.length < end + 2 + length + 2) return false;
    const data = this.#take(end + 2 + length + 2).subarray(end + 2);
    if (data.toString("latin1", length) !== "\r\n") throw new Error("a chunk ends without CRLF");
    request.body = Buffer.concat([request.body, data.subarray(0, length)]);
    return true;
  }

  #done(request) {
    this.#open = undefined;
    this.on.end(request);
    return true;
  }

  #take(length) {
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }
}

function readHead(text) {
  const [line, ...rest] = text.split("\r\n");
  const [, method, path] = /^([A-Z-]+) (\/[^\s\0]*) HTTP\/1\.1$/.exec(line) ?? [];
  if (method === undefined) throw new Error(`a request line is ${JSON.stringify(line)}`);
  const fields = rest.map(readField);
  const all = (name) =>
    fields.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
  const [lengths, codings, hosts] = ["content-length", "transfer-encoding", "host"].map(all);
  if (lengths.length + codings.length > 1) throw new Error("a body is framed twice");
  if (hosts.length !== 1) throw new Error(`a request has ${hosts.length} Host fields`);
  if (codings.some((value) => value !== "chunked")) throw new Error("a transfer coding is unknown");
  if (lengths.some((value) => !/^\d{1,15}$/.test(value))) throw new Error("a length is no number");
  return {
    ...{ method, path, fields, all },
    ...{ isChunked: codings.length > 0, length: Number(lengths[0] ?? 0) },
    ...{ body: Buffer.alloc(0), trailers: [] },
  };
}

function readField(line) {
  const colon = line.indexOf(":");
  const name = line.slice(0, colon);
  const value = line.slice(colon + 1);
  if (!TOKEN.test(name) || /[\0\r\n]/.test(value)) {
    throw new Error(`a field is ${JSON.stringify(line.slice(0, 80))}`);
  }
  return [name, value.trim()];
}
