import { h } from "./dom.ts";

/** A text with a button that copies it, or selects it if the browser does not allow copying. */
export function copyable(text: string, label: string, button: string): Node[] {
  const shown = h("pre", { tabindex: "0", "aria-label": label }, text);
  const said = h("span", { role: "status", class: "dim" });
  const copy = h("button", { type: "button" }, button);
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = "Copied.";
    } catch {
      getSelection()?.selectAllChildren(shown);
      said.textContent = "Selected: copy it with the keyboard.";
    }
  });
  return [shown, h("p", { class: "copy" }, copy, said)];
}
