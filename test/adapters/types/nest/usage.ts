import type { IncomingMessage } from "node:http";
import { Controller, Get, type INestApplication, Module, UseGuards } from "@nestjs/common";
import { APP_GUARD } from "@nestjs/core";
import { IoAdapter } from "@nestjs/platform-socket.io";
import { WsAdapter } from "@nestjs/platform-ws";
import { WebSocketGateway } from "@nestjs/websockets";
import { createVerifier, type VerifiedAccessToken } from "postern";
import { requireAccess } from "postern/express";
import { Access, AccessGuard, guardGateways, Public } from "postern/nest";

const verifier = createVerifier({ team: "acme", audience: "a".repeat(64) });
const guard = new AccessGuard(verifier, {
  allowPreflight: true,
  optional: true,
  publicPaths: (path, { method }) => path === "/public" && method === "GET",
  onReject: (error: Error, request: IncomingMessage) => console.log(error.name, request.url),
});

@Controller()
@UseGuards(guard)
export class Home {
  @Get()
  home(@Access() access?: VerifiedAccessToken): string {
    return access?.principal.id ?? "a visitor";
  }

  @Public()
  @Get("public")
  open(): string {
    return "open to everybody";
  }
}

@UseGuards(guard)
@WebSocketGateway({
  verifyClient: ({ origin }: { origin: string }) => origin === "https://a.example",
})
export class Sockets {}

@Module({ controllers: [Home], providers: [Sockets, { provide: APP_GUARD, useValue: guard }] })
export class AppModule {}

export function prepare(app: INestApplication): void {
  app.use(requireAccess(verifier));
  const ws: WsAdapter = guardGateways(new WsAdapter(app), verifier);
  const io: IoAdapter = guardGateways(new IoAdapter(app), verifier, {
    optional: true,
    origins: ["https://app.example.com"],
  });
  app.useWebSocketAdapter(ws);
  app.useWebSocketAdapter(io);
}

// @ts-expect-error a misspelt option
new AccessGuard(verifier, { audiences: "other" });
// @ts-expect-error no list of origins
guardGateways(new WsAdapter(), verifier, { origins: "https://app.example.com" });
// @ts-expect-error no adapter
guardGateways({}, verifier);
