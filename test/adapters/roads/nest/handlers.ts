import {
  All,
  type ArgumentsHost,
  Catch,
  Controller,
  type DynamicModule,
  type ExceptionFilter,
  Get,
  type INestApplication,
  type MiddlewareConsumer,
  Module,
  NotFoundException,
  Options,
  Post,
  Scope,
  Sse,
  VersioningType,
} from "@nestjs/common";
import { RouterModule } from "@nestjs/core";
import { MessagePattern } from "@nestjs/microservices";
import type { VerifiedAccessToken } from "postern";
import { Access, Public } from "postern/nest";
import { of } from "rxjs";
import { SECRET } from "./secret.ts";

@Controller()
class Plain {
  @All("all")
  all(): string {
    return SECRET;
  }

  // Nest on Fastify leaves this method out of `@All()`.
  @Options("options")
  options(): string {
    return SECRET;
  }

  @Post("body")
  body(): string {
    return SECRET;
  }

  @Sse("events")
  events(): unknown {
    return of({ data: SECRET });
  }

  @MessagePattern("secret")
  message(): string {
    return SECRET;
  }
}

@Controller({ path: "versioned", version: "1" })
class Versioned {
  @Get()
  get(): string {
    return SECRET;
  }
}

@Controller({ path: "scoped", scope: Scope.REQUEST })
class Scoped {
  @Get()
  get(): string {
    return SECRET;
  }
}

@Controller("inner")
class Inner {
  @Get()
  get(): string {
    return SECRET;
  }
}

@Module({ controllers: [Inner] })
class InnerModule {}

@Public()
class Open {
  @Get("inherited")
  inherited(): string {
    return SECRET;
  }

  @Public()
  @Get("marked")
  marked(): string {
    return SECRET;
  }

  @Public()
  @Get("overridden")
  overridden(): string {
    return "public";
  }
}

@Controller("child")
class Child extends Open {
  @Get("own")
  own(): string {
    return SECRET;
  }

  @Get("overridden")
  override overridden(): string {
    return SECRET;
  }

  @Public()
  @Get("public")
  public(): string {
    return "open to everybody";
  }
}

@Catch(NotFoundException)
class NotFound implements ExceptionFilter {
  catch(_error: unknown, host: ArgumentsHost): void {
    host.switchToHttp().getResponse().status(404).send(SECRET);
  }
}

@Controller("whoami")
class WhoAmI {
  @Get()
  get(@Access() access?: VerifiedAccessToken): string {
    return access ? `user ${access.principal.id}` : "a visitor";
  }

  @Options()
  options(): string {
    return "a visitor";
  }
}

/** Gives the caller's identity, for guards with more options than others. */
@Module({ controllers: [WhoAmI] })
export class Told {}

/** Middleware of Nest's own, and with `extras` a folder of files. */
@Module({
  imports: [InnerModule, RouterModule.register([{ path: "outer", module: InnerModule }])],
  controllers: [Plain, Versioned, Scoped, Child],
})
export class Handlers {
  static async with(extras: boolean): Promise<DynamicModule> {
    if (!extras) return { module: Handlers };
    const { ServeStaticModule } = await import("@nestjs/serve-static");
    const files = { rootPath: new URL("files", import.meta.url).pathname, serveRoot: "/files" };
    return { module: Handlers, imports: [ServeStaticModule.forRoot(files)] };
  }

  configure(consumer: MiddlewareConsumer): void {
    const answer = (_request: unknown, response: { end(text: string): void }): void =>
      response.end(SECRET);
    consumer.apply(answer).forRoutes("middleware");
  }
}

/** What is set on the application beside its modules. */
export async function dressUp(app: INestApplication, extras: boolean): Promise<void> {
  app.enableVersioning({ type: VersioningType.URI });
  app.useGlobalFilters(new NotFound());
  app.use("/mounted", (_request: unknown, response: { end(text: string): void }) =>
    response.end(SECRET),
  );
  if (!extras) return;
  const { DocumentBuilder, SwaggerModule } = await import("@nestjs/swagger");
  const document = new DocumentBuilder().setTitle(SECRET).build();
  SwaggerModule.setup("docs", app, SwaggerModule.createDocument(app, document));
}
