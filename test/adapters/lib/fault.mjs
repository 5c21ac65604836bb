// Loaded before an application: for one user its `check` throws, and not even an error.
const { split } = String.prototype;

String.prototype.split = function (separator, limit) {
  if (separator === "@" && String(this) === "fault@example.com") throw undefined;
  return split.call(this, separator, limit);
};
