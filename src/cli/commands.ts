import type { Command } from "./command.ts";
import { decodeCommand } from "./decode.ts";
import { discoverCommand } from "./discover.ts";
import { guardCommand } from "./guard.ts";
import { keysCommand } from "./keys.ts";
import { knockCommand } from "./knock.ts";
import { localCommand } from "./local.ts";
import { pemCommand } from "./pem.ts";
import { tokenCommand } from "./token.ts";
import { verifyCommand } from "./verify.ts";

/** Every word that may follow `postern`, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  decodeCommand,
  verifyCommand,
  keysCommand,
  pemCommand,
  localCommand,
  tokenCommand,
  discoverCommand,
  knockCommand,
  guardCommand,
];
