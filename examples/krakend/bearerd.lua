-- Ask bearerd for the token, and add it to the request for the backend.
function add_token()
  local answer = http_response.new("http://bearerd:8000/token")
  local status, body = answer:statusCode(), answer:body()
  answer:close()
  local token = status == 200 and string.match(body, '"token":"([^"]+)"')
  if not token then
    custom_error("no token is to be had now", 503)
  end
  request.load():headers("Authorization", "Bearer " .. token)
end
