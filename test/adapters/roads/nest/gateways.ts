import { type CanActivate, type DynamicModule, UseGuards } from "@nestjs/common";
import { SubscribeMessage, WebSocketGateway } from "@nestjs/websockets";
import type { VerifiedAccessToken } from "postern";
import { Access } from "postern/nest";
import { SECRET } from "./secret.ts";

/** A client of `ws` or of socket.io. */
interface Client {
  send(text: string): void;
  emit(event: string, data: string): void;
  readonly handshake?: object;
}

/** Greets at the connection, and answers each message. */
class Gateway {
  handleConnection(client: Client): void {
    if (client.handshake) client.emit("greeting", SECRET);
    else client.send(JSON.stringify({ event: "greeting", data: SECRET }));
  }

  @SubscribeMessage("whoami")
  whoami(@Access() access: VerifiedAccessToken): object {
    return { event: "whoami", data: access?.principal.id };
  }
}

/** Gateways on the application's own port and on another one, each at its path. */
export function gateways(
  guard: CanActivate,
  places: [port: number, options: object][],
): DynamicModule {
  const providers = places.map(([port, options]) => {
    // Global guards are not called for gateways up to Nest 11.
    @UseGuards(guard)
    @WebSocketGateway(port, options)
    class Placed extends Gateway {}
    return Placed;
  });
  return { module: class Gateways {}, providers };
}
