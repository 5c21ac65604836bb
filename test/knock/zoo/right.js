import { rightSteps } from "./guard.js";
import { serveSteps } from "./serve.js";
export function rightDoors(world) {
  const ALL = { gate: true, token: true, paths: ["/", "/admin"] };
  return {
    "by hand, header or cookie": { needs: ALL, start: () => serveSteps(rightSteps(world)) },
  };
}
