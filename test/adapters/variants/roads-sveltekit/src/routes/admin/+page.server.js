export const load = () => ({ text: "the admin area" });

export const actions = { act: () => ({ text: "the admin area" }) };
