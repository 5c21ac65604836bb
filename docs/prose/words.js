/**
 * Words and turns of phrase that our pages do not use: what finds one, what to write, and a text that has it.
 * Not here: words that are right in one place and wrong in another.
 */
export const WORDS = [
  // Who.
  [/\bwhoever\b/, "anyone who, or name the person", "Whoever learns the address goes in."],
  [/\bwhom(?:soever|ever)?\b/, "who, or name the person", "the person whom it concerns"],
  [/\bnobody\b.{0,40}\bbut\b/, "only", "Nobody reads it but the verifier."],
  [/\bnothing\b(?! but net).{0,30}\bbut\b/, "only", "It asks for nothing but the keys."],
  [/\bno \w+ but\b/, "only", "No header but this one is read."],
  [/\b(?:he|she|they|those) who\b/, "anyone who, or name the person", "Those who know pass."],
  [/\beverybody's\b/, "everyone's, or say whose", "It is everybody's key set."],
  // Old words.
  [/\bwhatsoever\b/, "at all", "no keys whatsoever"],
  [/\bwherever (?:it|they) may be\b/, "in any place", "wherever it may be"],
  [/\bnought\b/, "nothing, zero", "It comes to nought."],
  [/\balas\b/, "leave it out", "Alas, it is gone."],
  [/\blest\b/, "so that … not", "Cut it lest it grow."],
  [
    /\b(?:there|here|where)(?:of|in|upon|unto|with|by|to)\b/,
    "of it, in it, with it",
    "and the parts thereof",
  ],
  [/\bhence\b|\bthence\b|\bwhence\b/, "so, from there", "Hence the limit."],
  [/\bupon\b/, "on", "It depends upon the key."],
  [/\bshall\b|\bshan't\b/, "must, will", "It shall be refused."],
  [/\bought to\b/, "should", "It ought to pass."],
  [/\bneed not\b|\bneeds not\b/, "does not need to", "It need not be signed."],
  [/\bunto\b|\bamongst\b|\bwhilst\b|\bbetwixt\b|\bere\b/, "to, among, while", "whilst it waits"],
  [
    /\bbeside (?:the|a|an|it|its|one|these|those|other)\b/,
    "next to, with, compared with",
    "beside the other samples",
  ],
  [/\bsave for\b|\bsave that\b/, "except", "all save for one"],
  [/\bas ever\b/, "as usual, as before", "It is refused as ever."],
  [/\bby and by\b|\bat hand\b|\bof late\b/, "later, ready, recently", "with the keys at hand"],
  [/\baught\b|\bthither\b|\bhither\b|\byonder\b/, "leave it out", "if aught is wrong"],
  [/\bin vain\b/, "without success", "It waits in vain."],
  // Turns of phrase that have to be read twice.
  [
    /\b(?:is|are|was|were|be|been) told (?:of|to)\b/,
    "is reported, is passed",
    "The callback is told of it.",
  ],
  [/\btells? of\b|\btold of\b/, "reports, describes", "The event tells of a fetch."],
  [
    /\b(?:is|are|was|were) to be (?:had|found|let|made|tried|said|seen)\b/,
    "can be, must be",
    "The key is to be had there.",
  ],
  [/\b(?:can|cannot|could) be had\b/, "is available", "The keys cannot be had."],
  [/\bwhatever\b[^.]{0,60}\bnot\b/, "anything that … not", "whatever it does not plainly accept"],
  [/\bwalks? (?:a)?round\b|\bgoes round\b|\bgo round\b/, "bypasses", "It walks round the gate."],
  [/\bas (?:it|they) stands?\b/, "as it is", "It runs as it stands."],
  [
    /\bor comes from\b[^.]*\bwhere\b/,
    "one idea in a sentence",
    "or comes from standard input where - stands",
  ],
  [
    /\bstands? (?:in for|before|beside|against|behind|in front|there|on its)\b/,
    "is in front of, replaces, or the like",
    "The guard stands before it.",
  ],
  [/\b(?:his|its|their) time is over\b/, "it has expired", "Its time is over."],
  [
    /\bwhat chance found\b|\bwould a test notice\b/i,
    "a title that says what the page has",
    "What chance found",
  ],
  [/\bso it is with\b|\bso is it\b/, "the same holds for", "So it is with cookies."],
  [
    /\b(?:is|are) none the\b|\bnone of (?:it|them) but\b/,
    "one idea in a sentence",
    "It is none the worse.",
  ],
  [/\ba good deal\b|\ba great many\b/, "much, many", "a good deal slower"],
  [/\bmade fast\b|\bin good order\b|\bput right\b/, "fixed, correct", "It is put right."],
  [/\bis of no (?:use|help|avail)\b/, "does not help", "It is of no use."],
  [
    /\bof (?:its|their|one's|your|our) own accord\b|\bby itself alone\b/,
    "on its own",
    "of its own accord",
  ],
  [/\b(?:is|are) at fault\b|\bwhose fault\b/, "caused it", "The origin is at fault."],
  [/\bmakes? do\b|\bdo without\b/, "use … instead, work without", "It makes do with one."],
  [/\b(?:comes?|came) to (?:nothing|grief|naught)\b/, "fails", "The attempt comes to nothing."],
  [/\bin its stead\b/, "instead", "a 401 in its stead"],
  [
    /\bhas it that\b|\bit follows that\b|\bthat is to say\b/,
    "leave it out",
    "that is to say, never",
  ],
  [/\bfor want of\b|\bwanting in\b/, "without", "for want of a key"],
  [
    /\bbears? witness\b|\bgives? leave\b|\btakes? leave\b/,
    "shows, allows",
    "It gives leave to pass.",
  ],
  [
    /\bno (?:more|less) than\b[^.]*\bthan\b/,
    "one comparison in a sentence",
    "no more than it is less than",
  ],
  // A key, a door and a gate are things.
  [
    /\b(?:keys?|gates?|doors?|tokens?) (?:knows?|thinks?|believes?|trusts?|wants?|sees?|hears?|speaks?)\b/,
    "say what the code does",
    "The gate knows the caller.",
  ],
  [
    /\b(?:keys?|doors?|gates?) that (?:speaks?|listens?|watch(?:es)?|sleeps?)\b/,
    "say what the code does",
    "a door that sleeps",
  ],
].map(([find, instead, seed]) => ({
  find: new RegExp(find.source, "gi"),
  instead,
  seed,
}));
