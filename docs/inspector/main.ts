import { answerPage } from "./frame.ts";
import { openPage } from "./page.ts";

// One file is both: the page, and the frame in it that gets the keys.
if (window === window.top) openPage();
else answerPage();
