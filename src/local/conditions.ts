/** The faults and settings that the controls can change. */
export interface Conditions {
  /** The certs and identity endpoints answer 503. */
  outage: boolean;
  /** How far the emulator's clock is ahead of this machine's clock; a negative number is behind. */
  clockSkewSeconds: number;
  /** The AUD tag in use, which is one of the configured ones. */
  audience: string;
  /** The emulator's time in ms since the epoch. */
  now(): number;
}

export function fairConditions(audience: string): Conditions {
  return {
    audience,
    outage: false,
    clockSkewSeconds: 0,
    now() {
      return Date.now() + this.clockSkewSeconds * 1000;
    },
  };
}
