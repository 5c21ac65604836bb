import { ApolloDriver, ApolloFederationDriver } from "@nestjs/apollo";
import type { DynamicModule } from "@nestjs/common";
import {
  GraphQLModule,
  Mutation,
  Query,
  ResolveField,
  ResolveReference,
  Resolver,
  Subscription,
} from "@nestjs/graphql";
import type { Verifier } from "postern";
import { Public } from "postern/nest";
import { SECRET } from "./secret.ts";

const SUBGRAPH = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key"])
  type Person @key(fields: "id") { id: ID! name: String secret: String }
  type Query { greeting: String! person: Person! }
  type Mutation { change: String! }
`;

@Resolver("Person")
class People {
  @Query("greeting")
  greeting(): string {
    return SECRET;
  }

  @Mutation("change")
  change(): string {
    return SECRET;
  }

  @Public()
  @Query("person")
  person(): object {
    return { id: "1", name: "everybody's" };
  }

  @ResolveField("secret")
  secret(): string {
    return SECRET;
  }

  @ResolveReference()
  resolveReference({ id }: { id: string }): object {
    return { id, name: SECRET };
  }
}

/** A subgraph, with its fields' resolvers guarded or not. */
export const subgraph = (isGuarded: boolean): DynamicModule => ({
  module: class Subgraph {},
  imports: [
    GraphQLModule.forRoot({
      driver: ApolloFederationDriver,
      typeDefs: SUBGRAPH,
      ...(isGuarded ? { fieldResolverEnhancers: ["guards"] } : {}),
    }),
  ],
  providers: [People],
});

const TICKS = `
  type Query { open: String! }
  type Subscription { ticks: String! }
`;

@Resolver()
class Ticks {
  @Public()
  @Query("open")
  open(): string {
    return "open to everybody";
  }

  @Subscription("ticks")
  async *ticks(): AsyncGenerator<{ ticks: string }> {
    yield { ticks: SECRET };
  }
}

/** Subscriptions over `graphql-ws`, with the connection guarded by a verifier or not. */
export const subscriptions = (verifier?: Verifier<unknown>): DynamicModule => {
  // biome-ignore lint/suspicious/noExplicitAny: two releases of graphql-ws have two types of it
  const onConnect = async ({ extra }: any): Promise<boolean> =>
    (await verifier?.safeVerifyRequest(extra.request))?.ok === true;
  return {
    module: class Subscriptions {},
    imports: [
      GraphQLModule.forRoot({
        driver: ApolloDriver,
        typeDefs: TICKS,
        subscriptions: { "graphql-ws": verifier ? { onConnect } : true },
      }),
    ],
    providers: [Ticks],
  };
};
