import { answerPage } from "./frame.ts";
import { openPage } from "./page.ts";

// The same file is the page and the frame that fetches the keys.
if (window === window.top) openPage();
else answerPage();
