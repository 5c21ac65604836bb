-- Each request has another token.
local tokens = {}
local at = 0
init = function(args)
  for line in io.lines(args[1]) do tokens[#tokens + 1] = line end
end
request = function()
  at = at % #tokens + 1
  return wrk.format("GET", "/auth", { ["Cf-Access-Jwt-Assertion"] = tokens[at] })
end
