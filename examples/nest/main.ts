import "reflect-metadata";
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { ApolloDriver, type ApolloDriverConfig } from "@nestjs/apollo";
import { Controller, Get, Module, Post, Req } from "@nestjs/common";
import { APP_GUARD, NestFactory } from "@nestjs/core";
import { GraphQLModule, Query, Resolver } from "@nestjs/graphql";
import { createVerifier, type VerifiedAccessToken } from "postern";
import { allowEmails, allowServices, some } from "postern/checks";
import { requireAccess } from "postern/express";
import { Access, AccessGuard, Public } from "postern/nest";

const { TEAM_DOMAIN = "", POLICY_AUD = "", PORT = "3000" } = process.env;

const verifier = createVerifier({
  team: TEAM_DOMAIN,
  audience: POLICY_AUD,
  // Optional: only these users and services of your team may enter.
  check: some(allowEmails("example.com"), allowServices()),
});

function greet({ principal }: VerifiedAccessToken): string {
  return `${principal.kind} ${principal.kind === "user" ? principal.email : principal.name}`;
}

@Controller()
class AppController {
  @Get()
  home(@Access() access: VerifiedAccessToken): string {
    return greet(access);
  }

  @Public()
  @Get("public")
  open(): string {
    return "open to everybody";
  }

  @Get("admin")
  admin(): string {
    return "the admin area";
  }

  // The guard has not read the body, so it can be streamed.
  @Post("upload")
  async upload(@Req() request: IncomingMessage): Promise<string> {
    const hash = createHash("sha256");
    for await (const chunk of request) hash.update(chunk);
    return hash.digest("hex");
  }
}

@Resolver()
class WhoAmI {
  @Query(() => String)
  whoami(@Access() access: VerifiedAccessToken): string {
    return greet(access);
  }

  @Query(() => String)
  admin(): string {
    return "the admin area";
  }
}

@Module({
  imports: [
    GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true }),
  ],
  controllers: [AppController],
  providers: [WhoAmI, { provide: APP_GUARD, useValue: new AccessGuard(verifier) }],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ["error"] });
// Nest calls guards only for handlers. This line, before all others, guards the rest of HTTP.
app.use(requireAccess(verifier, { publicPaths: ["/public"] }));
await app.listen(Number(PORT), "127.0.0.1");
