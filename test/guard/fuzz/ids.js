/** Names a request. An edit may change it, and must not make of it another one's. */
export function idOf(at, count) {
  return `c${at}_${count}_${(at * 7919 + count * 104_729) % 9973}`;
}

/** The number of the case that a path is from; `undefined` when it is from none, or was edited. */
export function caseOf(path) {
  const [, id, at, count] = /^\/\w+\/\d+\/(c(\d+)_(\d+)_\d+)(?:\/|$)/.exec(path) ?? [];
  return id !== undefined && id === idOf(Number(at), Number(count)) ? { id, at: Number(at) } : {};
}
