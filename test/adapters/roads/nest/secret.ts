/** A text that an answer has only if the application's own code ran. */
export const SECRET = "the admin area";
