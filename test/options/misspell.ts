/** Common misspellings of a known name. */
export function misspell(name: string): readonly string[] {
  const letters = [...name];
  const spellings = letters.flatMap((letter, at) => {
    const [before, after] = [name.slice(0, at), name.slice(at + 1)];
    const swapped = after === "" ? name : `${before}${after[0]}${letter}${after.slice(1)}`;
    return [before + after, before + letter + letter + after, swapped];
  });
  const [, bare] = /^(.+)(?:Seconds|Bytes)$/.exec(name) ?? [];
  if (bare !== undefined) spellings.push(bare, `${bare}Ms`, `${bare}Sec`, `${bare}Size`);
  spellings.push(
    `${name}s`,
    name.replace(/s$/, ""),
    `${name}Option`,
    name.toUpperCase(),
    name.toLowerCase(),
    name.replace(/^./, (first) => first.toUpperCase()),
    name.replace(/[A-Z]/g, (upper) => `_${upper.toLowerCase()}`),
    name.replace(/[A-Z]/g, (upper) => `-${upper.toLowerCase()}`),
  );
  return [...new Set(spellings)].filter((spelling) => spelling !== name && spelling !== "");
}
