// SPDX-License-Identifier: MIT
// Runs examples/tyk/bearerd.js with a stand-in for Tyk's functions.
//     node tyk.js BEARERD.JS STATUS BODY
// Prints what would be asked for, and what would become of the request.
const [script, status, body] = process.argv.slice(2);
let handler;

globalThis.TykJS = {
  TykMiddleware: {
    NewMiddleware: class {
      NewProcessRequest(f) { handler = f; }
      ReturnData(request) { return request; }
    },
  },
};
globalThis.TykMakeHttpRequest = (text) => {
  const call = JSON.parse(text);
  console.log(`${call.Method} ${call.Domain}${call.Resource}`);
  return status === "0" ? "" : JSON.stringify({ Code: Number(status), Body: body });
};

require("vm").runInThisContext(require("fs").readFileSync(script, "utf8"));
const request = handler({ SetHeaders: {}, ReturnOverrides: {} }, {}, {});
console.log(JSON.stringify(request));
