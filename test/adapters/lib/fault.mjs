// Loaded before an application: its `check` throws for one user, and throws a value that is no
// error.
const { split } = String.prototype;

String.prototype.split = function (separator, limit) {
  if (separator === "@" && String(this) === "fault@example.com") throw undefined;
  return split.call(this, separator, limit);
};
