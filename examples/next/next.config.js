// The same as in Next's own starter.
export default { cacheComponents: true, partialPrefetching: true };
