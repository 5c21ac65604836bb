export const onRequestGet = ({ data }) => Response.json(data.access.principal);
