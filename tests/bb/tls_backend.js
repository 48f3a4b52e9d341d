// SPDX-License-Identifier: MIT
// tls_backend.js - a backend over TLS that answers each request with a token
// and prints a line for it: node tls_backend.js PORT KEY CERT.  At /status/N the
// answer has that status.
'use strict';
const fs = require('fs');
const https = require('https');

let issued = 0;

https.createServer({
  key: fs.readFileSync(process.argv[3]),
  cert: fs.readFileSync(process.argv[4]),
}, (request, response) => {
  console.log('asked', request.url);
  if (request.url.startsWith('/status/'))
    response.statusCode = Number(request.url.slice('/status/'.length));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({token: `tls-${++issued}`, expires_in: 600}));
}).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('listening'));
