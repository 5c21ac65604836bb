import * as http2 from "node:http2";
import { REACHED } from "./ways.js";

/** A request over HTTP/2 without TLS. */
export const overH2 =
  (url, path, method = "GET") =>
  async (headers) => {
    const session = http2.connect(url);
    try {
      return await new Promise((resolve, reject) => {
        session.once("error", reject);
        const stream = session.request({ ":path": path, ":method": method, ...headers });
        let text = "";
        stream.setEncoding("utf8");
        stream.on("data", (chunk) => {
          text += chunk;
        });
        stream.once("error", reject);
        stream.once("end", () => resolve(text.includes(REACHED)));
        stream.end();
      });
    } finally {
      session.destroy();
    }
  };
