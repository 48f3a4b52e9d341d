-- What haproxy.cfg asks of bearerd.

local URL = "http://127.0.0.1:8000"
local CALL_MS = 3000	-- more than bearerd's wait-limit
local NEWER_MS = 2000	-- to wait for a newer token
local LOOK_MS = 100

local function call(method, path, headers)
	local client = core.httpclient()
	return client[method](client, {url = URL .. path, headers = headers,
	    timeout = CALL_MS})
end

local function token()
	local answer = call("get", "/auth")
	local field = answer.headers and answer.headers["authorization"]
	return answer.status == 200 and field and field[0] or nil
end

-- txn.bearer becomes the value of Authorization, or stays unset.
core.register_action("bearerd_token", {"http-req"}, function(txn)
	local bearer = token()
	if bearer then
		txn:set_var("txn.bearer", bearer)
	end
end)

-- The backend refuses this token: report it, and wait for a newer one.
core.register_action("bearerd_report", {"http-res"}, function(txn)
	local refused = txn:get_var("txn.bearer")
	call("delete", "/token", {authorization = {refused}})
	for _ = 1, NEWER_MS // LOOK_MS do
		local bearer = token()
		if bearer and bearer ~= refused then
			return
		end
		core.msleep(LOOK_MS)
	end
end)
