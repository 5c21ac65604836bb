// As Next's own starter has it.
export default { cacheComponents: true, partialPrefetching: true };
