// The little of the DOM that is used, so that no other file takes a browser for granted.

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
