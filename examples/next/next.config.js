// As Next's own starter has it. A page that asks who is there sets `instant` to false.
export default { cacheComponents: true };
