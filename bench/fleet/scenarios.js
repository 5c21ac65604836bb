import { HOUR, MINUTE, SECOND } from "./issuer.js";

/** Requests a second over the day's mean: a few busy instances, many that are seldom asked. */
const FLEET = [
  { name: "busy", share: 0.05, rate: 1 },
  { name: "steady", share: 0.35, rate: 0.05 },
  { name: "idle", share: 0.6, rate: 4 / 3600 },
];
/** Where a flood is the subject: enough genuine traffic to see what becomes of it. */
const STEADY = [{ name: "steady", share: 1, rate: 20 }];

/** From a second to four hours, so that there are always tokens of just now. */
const SESSIONS = [SECOND, 4 * HOUR];

/**
 * A day of a thousand instances: a rotation every six hours, an outage of two hours (first refused,
 * then without an answer), a flood of an hour with a rotation in its midst, and each instance started
 * anew every twelve hours or so.
 */
export const day = {
  name: "day",
  seed: 1,
  instances: 1000,
  end: 24 * HOUR,
  isDaily: true,
  classes: FLEET,
  tokenAge: SESSIONS,
  rotations: { first: 2.5 * HOUR, every: 6 * HOUR, lead: MINUTE },
  outages: [
    { from: 10 * HOUR, to: 11 * HOUR, kind: "status" },
    { from: 11 * HOUR, to: 12 * HOUR, kind: "hang" },
  ],
  flood: { from: 14 * HOUR, to: 15 * HOUR, rate: 1 },
  restartEvery: 12 * HOUR,
};

/** The same traffic around one rotation, with the key published as it is first used, or after. */
export const leads = [0, -30].map((seconds) => ({
  ...day,
  name: `lead ${seconds}`,
  seed: 2,
  instances: 200,
  end: 2 * HOUR,
  isDaily: false,
  rotations: { first: HOUR + 17 * SECOND, every: 6 * HOUR, lead: seconds * SECOND },
  outages: [],
  flood: undefined,
  restartEvery: undefined,
}));

const RATES = [100, 300, 1000];

/** One hour of unknown kids on one instance, for the number of fetches. */
export const floods = RATES.map((rate) => ({
  ...day,
  name: `flood ${rate}`,
  seed: 3,
  instances: 1,
  end: 2 * HOUR,
  isDaily: false,
  classes: STEADY,
  rotations: { first: 1.5 * HOUR, every: 6 * HOUR, lead: 0 },
  outages: [],
  flood: { from: HOUR, to: 2 * HOUR, rate },
  restartEvery: undefined,
}));

/** A few minutes of it around a rotation, on many instances, for what becomes of the new key's tokens. */
export const rotationsInFlood = RATES.map((rate) => ({
  ...day,
  name: `rotation in a flood of ${rate}`,
  seed: 4,
  instances: rate === 1000 ? 8 : 16,
  end: 4 * MINUTE,
  isDaily: false,
  classes: STEADY,
  rotations: { first: 2.5 * MINUTE, every: 6 * HOUR, lead: 0 },
  outages: [],
  flood: { from: MINUTE, to: 4 * MINUTE, rate },
  restartEvery: undefined,
}));

/** An hour's outage in a flood. */
export const floodedOutage = {
  ...day,
  name: "outage in a flood",
  seed: 5,
  instances: 2,
  end: 2 * HOUR,
  isDaily: false,
  classes: STEADY,
  rotations: { first: 12 * HOUR, every: 6 * HOUR, lead: 0 },
  outages: [{ from: HOUR, to: 2 * HOUR, kind: "status" }],
  flood: { from: HOUR, to: 2 * HOUR, rate: 100 },
  restartEvery: undefined,
};

/** Guards that start anew three times an hour, also in an outage of two hours. */
const restarted = {
  ...day,
  seed: 7,
  instances: 20,
  end: 3 * HOUR,
  isDaily: false,
  classes: [{ name: "busy", share: 1, rate: 1 }],
  rotations: { first: 0.5 * HOUR, every: 6 * HOUR, lead: MINUTE },
  outages: [
    { from: HOUR, to: 2 * HOUR, kind: "status" },
    { from: 2 * HOUR, to: 3 * HOUR, kind: "hang" },
  ],
  flood: undefined,
  restartEvery: 20 * MINUTE,
};

/** With a keys file, and without one. */
export const restarts = [
  { ...restarted, name: "restarts with a keys file", hasKeysFile: true },
  { ...restarted, name: "restarts without a keys file", hasKeysFile: false },
];

/** A busy instance that starts while the endpoint does not answer, for two hours. */
export const coldOutage = {
  ...day,
  name: "start in an outage",
  seed: 6,
  instances: 4,
  end: 2 * HOUR,
  isDaily: false,
  classes: [{ name: "busy", share: 1, rate: 1 }],
  rotations: { first: 12 * HOUR, every: 6 * HOUR, lead: 0 },
  outages: [{ from: 0, to: 2 * HOUR, kind: "hang" }],
  flood: undefined,
  restartEvery: undefined,
};
