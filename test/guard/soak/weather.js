import { setTimeout as sleep } from "node:timers/promises";
import { OUTAGES } from "../../soak/certs.js";
import * as kinds from "../../soak/requests.js";
import { makeCase } from "../fuzz/cases.js";
import { send } from "../fuzz/client.js";

const SPELL_SECONDS = 3;
const PATIENCE_MS = 90_000;
/** Clients that send raw bytes, most of them malformed, while the others are served. */
const ATTACKERS = 4;
const tokensOf = (holders) => holders.map(({ token }) => token);

/**
 * Changes what a guard lives through, and sends it requests with one right answer each. A key that it does
 * not know is looked for at most every ten seconds, as ever: a token under one may wait so long.
 */
export class Weather {
  counts = { rotations: 0, withdrawals: 0, outages: 0, attacks: 0 };
  samples = [];

  constructor(world, visitors, seed) {
    Object.assign(this, { world, visitors, seed });
  }

  async begin() {
    this.regulars = await kinds.issueTo(this.world.issuer);
    this.returning = this.regulars;
    await this.#isSeen();
  }

  async round() {
    const { certs, issuer } = this.world;
    await this.#newKey();
    this.attacks = await issuer.hostileTokens();
    this.expired = await issuer.userToken({ exp: Math.floor(Date.now() / 1000) - 3600 });
    await this.#spell("after a rotation", this.#known(), [...this.#known(), ...this.#current()]);
    await this.#spell("in calm weather", this.#always());
    await this.#spell("in calm weather", this.#always());

    await certs.breakDown(OUTAGES[this.counts.outages % OUTAGES.length]);
    this.counts.outages++;
    const invented = await kinds.invent(issuer, 20);
    const unknown = kinds.refused("under a key that never was, in an outage", invented, 503, 1);
    await this.#spell("in an outage", this.#always(), [unknown]);
    await certs.mend();
    await this.#during(this.#isSeen(), this.#always());
    await this.#spell("after the outage", this.#always());

    issuer.withdraw(issuer.kid);
    this.counts.withdrawals++;
    const leaked = kinds.refused("under a withdrawn key", tokensOf(this.regulars), 401, 4);
    // The withdrawn tokens have no right answer yet.
    await this.#during(this.#isSeen(), this.#known());
    await this.#spell("after a withdrawal", this.#before(), [this.#hostile(), leaked]);
    await this.#newKey();
    // The key before is gone as well, so no token is good before and after.
    await this.#during(this.#isSeen(), [kinds.misplaced(this.returning, 1)]);
  }

  async #newKey() {
    await this.world.issuer.rotate();
    this.counts.rotations++;
    this.returning = this.regulars;
    this.regulars = await kinds.issueTo(this.world.issuer);
  }

  #hostile() {
    return kinds.hostile(this.attacks, 8);
  }

  /** Requests that need the key before at most. */
  #before() {
    return [
      kinds.misplaced(this.returning, 4),
      kinds.repeated("genuine, under the key before", this.returning, 6),
    ];
  }

  /** What a guard can answer at once that does not have the newest key. */
  #known() {
    return [this.#hostile(), ...this.#before()];
  }

  /** Genuine tokens under the newest key. */
  #current() {
    return [
      kinds.repeated("genuine, again and again", this.regulars, 12),
      kinds.cookie(this.regulars, this.expired, 4),
      kinds.firstTime(this.world.issuer, 4),
    ];
  }

  #always() {
    return [...this.#known(), ...this.#current()];
  }

  /**
   * Until the guard has fetched the keys anew: it says of a key that it is not there only after a fetch
   * that succeeded and began later than the request came.
   */
  async #isSeen() {
    const { issuer } = this.world;
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const [token] = await kinds.invent(issuer, 1);
      const answer = await this.visitors.get({ "cf-access-jwt-assertion": token });
      if (answer === "401") return;
      if (performance.now() > end) throw new Error(`the guard has no new keys: ${answer}`);
      await sleep(200);
    }
  }

  /**
   * Traffic for some seconds, and then a look at the guard.
   *
   * @param waiting requests that may have to wait for the keys; the others go on until all have their answers
   */
  async #spell(weather, requests, waiting) {
    await this.#during(this.visitors.call(waiting ?? requests, SPELL_SECONDS), waiting && requests);
    // What the last clients left is over by then.
    await sleep(300);
    this.samples.push({ weather, round: this.samples.length, ...(await this.world.look()) });
  }

  /** Has visitors and attackers go on for as long as something else takes. */
  async #during(work, requests) {
    let isOver = false;
    const busy = async (next) => {
      while (!isOver) await next();
    };
    const others = Array.from({ length: ATTACKERS }, () => busy(() => this.#attack()));
    if (requests) others.push(busy(() => this.visitors.call(requests, 1)));
    try {
      await work;
    } finally {
      isOver = true;
      await Promise.all(others);
    }
  }

  #attack() {
    const welcome = this.returning.map(({ token }, index) => ({ index, token }));
    const forged = this.attacks
      .map(({ token }) => token)
      .filter((token) => /^[!-~]{1,8000}$/.test(token));
    const variant = { port: this.world.port, host: "a.example", welcome, forged };
    // Half of what is sent stays half: such a client goes.
    return send({ ...makeCase(this.seed, this.counts.attacks++, [variant]), ending: "leave" });
  }
}
