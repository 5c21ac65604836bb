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

  /** @param isOver whether there is no time for another spell */
  async round(isOver) {
    const { certs, issuer } = this.world;
    await issuer.rotate();
    this.counts.rotations++;
    this.returning = this.regulars;
    this.regulars = await kinds.issueTo(issuer);
    this.attacks = await issuer.hostileTokens();
    this.expired = await issuer.userToken({ exp: Math.floor(Date.now() / 1000) - 3600 });
    await this.#spell("after a rotation", this.#always());
    await this.#spell("in calm weather", this.#always());
    await this.#spell("in calm weather", this.#always());
    if (isOver()) return;

    await certs.breakDown(OUTAGES[this.counts.outages % OUTAGES.length]);
    this.counts.outages++;
    const invented = await kinds.invent(issuer, 20);
    const unknown = kinds.refused("under a key that never was, in an outage", invented, 503, 1);
    await this.#spell("in an outage", [...this.#always(), unknown]);
    await certs.mend();
    await this.#isSeen();
    await this.#spell("after the outage", this.#always());
    if (isOver()) return;

    issuer.withdraw(issuer.kid);
    this.counts.withdrawals++;
    await this.#isSeen();
    const leaked = kinds.refused("under a withdrawn key", tokensOf(this.regulars), 401, 1);
    this.regulars = this.returning;
    // The issuer would sign new tokens with the withdrawn key.
    const known = this.#always().filter(({ name }) => name !== "genuine, for the first time");
    await this.#spell("after a withdrawal", [...known, leaked]);
    await issuer.rotate();
    this.counts.rotations++;
    this.regulars = await kinds.issueTo(issuer);
    await this.#isSeen();
  }

  #always() {
    const { issuer } = this.world;
    return [
      kinds.repeated("genuine, again and again", this.regulars, 12),
      kinds.repeated("genuine, under the key before", this.returning, 6),
      kinds.cookie(this.regulars, this.expired, 4),
      kinds.firstTime(issuer, 4),
      kinds.hostile(this.attacks, 8),
      kinds.misplaced(this.returning, 4),
    ];
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

  async #spell(weather, requests) {
    let isOver = false;
    const attack = async () => {
      while (!isOver) await this.#attack();
    };
    const attackers = Array.from({ length: ATTACKERS }, attack);
    await this.visitors.call(requests, SPELL_SECONDS);
    isOver = true;
    await Promise.all(attackers);
    // What the last clients left is over by then.
    await sleep(300);
    this.samples.push({ weather, round: this.samples.length, ...(await this.world.look()) });
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
