-- SPDX-License-Identifier: MIT
-- Runs examples/krakend/bearerd.lua with a stand-in for KrakenD's functions.
--     lua krakend.lua BEARERD.LUA STATUS BODY
-- Prints what would be asked for, and the header field that would be sent; or
-- the error that the user would get.
local script, status, body = arg[1], tonumber(arg[2]), arg[3]

http_response = {
  new = function(url)
    print("GET " .. url)
    return {
      statusCode = function() return status end,
      body = function() return body end,
      close = function() end,
    }
  end,
}
request = {
  load = function()
    return { headers = function(_, name, value) print(name .. ": " .. value) end }
  end,
}
function custom_error(text, code)
  print(code .. " " .. text)
  os.exit(0)
end

dofile(script)
add_token()
