// A clock that can be put forward. Timers stay real: what is put forward is what a library reads.
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
