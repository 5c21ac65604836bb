/** What the controls can do to the weather. */
export interface Conditions {
  /** The certs and identity endpoints answer 503. */
  outage: boolean;
  /** How far the edge's clock is ahead of this machine's; negative is behind. */
  clockSkewSeconds: number;
  /** The AUD tag of the application that guards the host at present: one of those configured. */
  audience: string;
  /** The edge's time, in ms since the epoch. */
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
