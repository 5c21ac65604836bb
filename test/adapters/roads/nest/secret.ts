/** What no answer may have in it unless the application's own code ran. */
export const SECRET = "the admin area";
