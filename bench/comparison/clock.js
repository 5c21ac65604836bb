// A clock that can be moved forward. Timers stay real: only the time that a library reads is moved.
const RealDate = Date;
const realNow = performance.now.bind(performance);
let ahead = 0;

export function install() {
  globalThis.Date = class extends RealDate {
    constructor(...parts) {
      if (parts.length === 0) super(RealDate.now() + ahead);
      else super(...parts);
    }
    static now() {
      return RealDate.now() + ahead;
    }
  };
  performance.now = () => realNow() + ahead;
}

export function putForward(seconds) {
  ahead += seconds * 1000;
}

export const seconds = () => Math.floor(Date.now() / 1000);
