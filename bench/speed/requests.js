import { IncomingMessage } from "node:http";
import { fresh } from "./cases.js";

/** The headers that a browser sends through Cloudflare, as Node shows them. */
const HEADERS = {
  host: "app.example.com",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
  accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "accept-language": "en-GB,en;q=0.5",
  "accept-encoding": "gzip, br",
  "cdn-loop": "cloudflare; loops=1",
  "cf-connecting-ip": "203.0.113.7",
  "cf-ipcountry": "DE",
  "cf-ray": "9a1b2c3d4e5f6a7b-FRA",
  "cf-visitor": '{"scheme":"https"}',
  "x-forwarded-for": "203.0.113.7",
  "x-forwarded-proto": "https",
  "sec-fetch-dest": "document",
  "sec-fetch-mode": "navigate",
  connection: "keep-alive",
};

/** A request of Node's HTTP server with this token. */
export function requestWith(bytes) {
  const token = fresh(bytes);
  const message = new IncomingMessage(null);
  message.headers = {
    ...HEADERS,
    "cf-access-jwt-assertion": token,
    cookie: `theme=dark; CF_Authorization=${token}`,
  };
  return message;
}
