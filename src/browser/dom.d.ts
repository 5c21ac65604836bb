// The parts of the DOM that are used. The rest is not declared, so no file can use it by mistake.

declare const location: { readonly origin: string; reload(): void };
declare const sessionStorage: {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
};
declare function addEventListener(
  type: "pageshow",
  listener: () => void,
  options: { once: boolean },
): void;
