import { setTimeout as sleep } from "node:timers/promises";
import { OUTAGES } from "./certs.js";
import {
  cookie,
  firstTime,
  hostile,
  invent,
  issueTo,
  misplaced,
  refused,
  repeated,
} from "./requests.js";

const SPELL_SECONDS = 0.5;
const PATIENCE_MS = 20_000;
const tokensOf = (holders) => holders.map(({ token }) => token);

/**
 * Runs one round after another: a rotation, normal operation, an outage, the time after it, the withdrawal of a
 * key. Keys and outages change only between two blocks of traffic, and the verifier gets time to notice, so that
 * every request in a block has one right answer.
 */
export class Rounds {
  /** How often each thing happened. */
  weather = { rotations: 0, withdrawals: 0, outages: 0 };
  samples = [];
  round = 0;

  #gone = [];
  #refreshes = { begun: 0, lastGood: 0 };

  constructor({ issuer, certs, gauges }) {
    this.issuer = issuer;
    this.certs = certs;
    this.gauges = gauges;
  }

  /** Takes the verifier's events: when it last fetched keys successfully. */
  note = ({ type }) => {
    if (type === "refresh_started") this.#refreshes.begun++;
    if (type === "refresh_succeeded") this.#refreshes.lastGood = this.#refreshes.begun;
  };

  async begin(visitors) {
    this.visitors = visitors;
    this.regulars = await issueTo(this.issuer);
    await this.#newKey();
    this.#gone = tokensOf(this.returning);
    await this.#newKey();
  }

  async play() {
    await this.#newKey();
    await this.#arm();
    await this.#spell("after a rotation", [...this.#always(), ...this.#current()]);

    await this.#seen();
    await this.#spell("in normal operation", this.#everything(401));

    await this.certs.breakDown(OUTAGES[this.round % OUTAGES.length]);
    this.weather.outages++;
    await this.#spell("in an outage", this.#everything(503));

    await this.certs.mend();
    await this.#seen();
    await this.#spell("after the outage", this.#everything(401));

    this.issuer.withdraw(this.issuer.kid);
    this.weather.withdrawals++;
    await this.#seen();
    const leaked = tokensOf(this.regulars);
    await this.#spell("after a withdrawal", [
      ...this.#always(),
      refused("withdrawn key", leaked, 401, 6),
    ]);
    this.#gone = [...tokensOf(this.returning), ...leaked];
    await this.#newKey();
    this.round++;
  }

  /** The current key becomes the previous one, and the one before that is dropped. */
  async #newKey() {
    const { issuer } = this;
    await issuer.rotate();
    this.weather.rotations++;
    this.returning = this.regulars;
    this.regulars = await issueTo(issuer);
  }

  async #arm() {
    const { issuer } = this;
    const exp = Math.floor(Date.now() / 1000) - 3600;
    this.expired = await issuer.userToken({ exp });
    this.attacks = await issuer.hostileTokens();
    this.invented = await invent(issuer, 20);
  }

  /** Requests with the same right answer at any time. */
  #always() {
    return [
      repeated("genuine, previous key", this.returning, 6),
      hostile(this.attacks, 12),
      misplaced(this.returning, 4),
    ];
  }

  /** Genuine tokens with the current key, which may be new to the verifier. */
  #current() {
    return [
      repeated("genuine, repeated", this.regulars, 12),
      cookie(this.regulars, this.expired, 4),
      firstTime(this.issuer, 8),
    ];
  }

  /** @param unknown the answer for a key that is not in the set: 503 while the set cannot be fetched */
  #everything(unknown) {
    return [
      ...this.#always(),
      ...this.#current(),
      refused("key no longer in the set", this.#gone, unknown, 2),
      refused("key that never existed", this.invented, unknown, 2),
    ];
  }

  /** Waits until the verifier has keys that it fetched after this moment. */
  async #seen() {
    const { begun } = this.#refreshes;
    const [{ token }] = this.returning;
    const end = performance.now() + PATIENCE_MS;
    while (this.#refreshes.lastGood <= begun) {
      if (performance.now() > end) throw new Error("the verifier fetched no keys");
      // It fetches keys only when a request arrives.
      await this.visitors.get({ "cf-access-jwt-assertion": token });
      await sleep(10);
    }
  }

  async #spell(weather, kinds) {
    const before = this.visitors.requests;
    this.gauges.begin();
    await this.visitors.call(kinds, SPELL_SECONDS);
    const sample = this.gauges.end(this.visitors.requests - before);
    this.samples.push({ round: this.round, weather, ...sample });
  }
}
