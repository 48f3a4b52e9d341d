// Tyk, JSVM, "pre" plugin: ask bearerd for the token, and add it.
var bearerd = new TykJS.TykMiddleware.NewMiddleware({});

bearerd.NewProcessRequest(function (request, session, spec) {
  var answer = JSON.parse(TykMakeHttpRequest(JSON.stringify({
    Method: "GET",
    Domain: "http://bearerd:8000",
    Resource: "/token",
    Headers: {},
    Body: ""
  })) || "{}");

  if (answer.Code !== 200) {
    request.ReturnOverrides.ResponseCode = 503;
    request.ReturnOverrides.ResponseError = "no token is to be had now";
    return bearerd.ReturnData(request, {});
  }
  request.SetHeaders["Authorization"] = "Bearer " + JSON.parse(answer.Body).token;
  return bearerd.ReturnData(request, {});
});
