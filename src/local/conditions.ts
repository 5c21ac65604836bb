/** What the controls can do to the weather. */
export interface Conditions {
  /** The certs and identity endpoints answer 503. */
  outage: boolean;
  /** How far the edge's clock is ahead of this machine's; negative is behind. */
  clockSkewSeconds: number;
  /** The edge's time, in ms since the epoch. */
  now(): number;
}

export function fairConditions(): Conditions {
  return {
    outage: false,
    clockSkewSeconds: 0,
    now() {
      return Date.now() + this.clockSkewSeconds * 1000;
    },
  };
}
