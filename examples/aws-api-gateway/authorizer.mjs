// Lambda authorizer: lets every request pass that bearerd has a token for, and
// hands the header field over in the context.  Environment: BEARERD, such as
// http://bearerd.internal:8000.  Node.js 20.
import http from "node:http";

const agent = new http.Agent({ keepAlive: true });

function call(method, path, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(process.env.BEARERD + path,
      { method, headers, agent, timeout: 3000 }, (response) => {
        let body = "";
        response.on("data", (part) => { body += part; });
        response.on("end", () => resolve({ status: response.statusCode, body }));
      });
    request.on("timeout", () => request.destroy(new Error("bearerd: too late")));
    request.on("error", reject);
    request.end();
  });
}

export async function handler(event) {
  const answer = await call("GET", "/token");
  if (answer.status !== 200) {
    throw new Error(`bearerd: ${answer.status}`); // 500: no token, no request
  }
  return {
    principalId: event.requestContext?.identity?.apiKeyId ?? "user",
    policyDocument: {
      Version: "2012-10-17",
      Statement: [
        { Action: "execute-api:Invoke", Effect: "Allow", Resource: event.methodArn },
      ],
    },
    context: { authorization: "Bearer " + JSON.parse(answer.body).token },
  };
}

// For your own Lambda that calls the backend: report a token that it refused.
export async function report(authorization) {
  return (await call("DELETE", "/token", { Authorization: authorization })).status;
}
