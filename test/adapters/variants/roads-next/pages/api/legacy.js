export default function handler(_request, response) {
  response.setHeader("x-endpoint", "yes").send("the older endpoint");
}
