declare namespace App {
  interface Locals {
    access: import("postern").VerifiedAccessToken;
  }
}
