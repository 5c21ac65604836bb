export async function otherDoors() {
  return { flawed: {}, right: {}, clean: async () => {} };
}
