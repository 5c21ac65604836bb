import { accessPlugin } from "postern/h3";
import { verifier } from "../verifier.js";

export default accessPlugin(verifier, { publicPaths: ["/public"] });
