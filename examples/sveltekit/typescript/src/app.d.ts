import type { VerifiedAccessToken } from "postern";

declare global {
  namespace App {
    interface Locals {
      access: VerifiedAccessToken;
    }
  }
}
