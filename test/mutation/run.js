import { measure } from "./measure.js";
const room = process.argv[2];
const r = await measure(room, { isAfresh: false, concurrency: 2 });
const by = {};
for (const m of r) by[m.status] = (by[m.status] ?? 0) + 1;
for (const m of r) if (!["Killed","Timeout","Ignored"].includes(m.status)) console.log(`${m.status[0]} ${m.file}:${m.line} ${m.code.slice(0,90)} => ${m.becomes.slice(0,90)}`);
console.log(by);
