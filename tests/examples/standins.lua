-- SPDX-License-Identifier: MIT
-- Runs the Lua of examples/ with stand-ins for the gateways' functions.
--     lua standins.lua GATEWAY FILE STATUS [TEXT]
-- STATUS is what bearerd answers, or the backend where the file reports refused
-- tokens; TEXT is bearerd's body or header field, or the token that was sent.
-- Prints each call that is made, and what becomes of the request.
local gateway, file, status, text = arg[1], arg[2], tonumber(arg[3]), arg[4]

-- say_call METHOD URL HEADERS
local function say_call(method, url, headers)
  print(method .. " " .. url)
  for name, value in pairs(headers or {}) do
    if name:lower() == "authorization" then print("  with " .. value) end
  end
end

-- What require("resty.http") gives; answers with STATUS and TEXT, or with
-- nothing when STATUS is 0.
package.preload["resty.http"] = function()
  return { new = function()
    return {
      set_timeout = function() end,
      set_timeouts = function() end,
      request_uri = function(_, url, options)
        say_call(options.method, url, options.headers)
        if status == 0 then return nil, "connection refused" end
        return { status = status, headers = { Authorization = text,
          ["Retry-After"] = status == 503 and "7" or nil } }
      end,
    }
  end }
end

ngx = {
  var = { upstream_status = tostring(status) },
  req = { get_headers = function() return { authorization = text } end },
  timer = { at = function(_, f) f() end },
}
kong = {
  request = { get_header = function() return text end },
  response = { exit = function(code, _, headers)
    print(code .. " Retry-After: " .. headers["Retry-After"])
  end },
  service = {
    request = { set_header = function(name, value)
      print(name .. ": " .. value)
    end },
    response = { get_status = function() return status end },
  },
}

local run = {}

function run.krakend()
  http_response = { new = function(url)
    say_call("GET", url)
    return {
      statusCode = function() return status end,
      body = function() return text end,
      close = function() end,
    }
  end }
  request = { load = function()
    return { headers = function(_, name, value) print(name .. ": " .. value) end }
  end }
  custom_error = function(why, code) print(code .. " " .. why) os.exit(0) end
  dofile(file)
  add_token()
end

function run.envoy()
  local kept, headers = {}, { [":authority"] = "api.example",
    [":status"] = tostring(status), authorization = text }
  local handle = {
    headers = function() return { get = function(_, name)
      return headers[name]
    end } end,
    streamInfo = function() return { dynamicMetadata = function() return {
      set = function(_, space, key, value) kept[space] = { [key] = value } end,
      get = function(_, space) return kept[space] end,
    } end } end,
    httpCall = function(_, cluster, fields, body, _, asynchronous)
      assert(body == "" and asynchronous)
      say_call(fields[":method"], cluster .. " " .. fields[":path"], fields)
    end,
  }
  dofile(file)
  envoy_on_request(handle)
  envoy_on_response(handle)
end

function run.apisix()
  dofile(file)({}, {})
end

function run.kong()
  dofile(file)
end

run[gateway]()
