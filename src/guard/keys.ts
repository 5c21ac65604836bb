import type { EventListener } from "../keys/events.ts";
import { createRemoteKeySet, type RemoteKeySet } from "../keys/remote-key-set.ts";
import { fileStore, withStore } from "../stores/index.ts";
import type { Settled } from "./options.ts";

/** The team's key set, from the file where there is one and nothing else is known yet. */
export function createKeys(
  { team, keysFile, fetch }: Settled,
  onEvent: EventListener,
): RemoteKeySet {
  if (keysFile === undefined) return createRemoteKeySet(team.certsUrl, { fetch, onEvent });
  // The process outlives its requests: none of them waits for the file.
  const waitUntil = (): void => {};
  const fetcher = withStore(fileStore(keysFile), { fetch, onEvent, waitUntil });
  return createRemoteKeySet(team.certsUrl, { fetcher, onEvent });
}
