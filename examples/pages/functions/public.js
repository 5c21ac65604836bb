export const onRequestGet = () => new Response("open to everybody");
