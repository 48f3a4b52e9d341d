// SPDX-License-Identifier: MIT
// h2_backend.js - a backend that speaks HTTP/2 over TLS: node h2_backend.js
// KEY CERT.  Prints "listening PORT CONTROL-PORT".  Over the control port, in
// plain HTTP/1.1, GET /MODE resets the counters and sets how it answers:
//
//   all-answer   as it should
//   first-hangs  the first session from now on never answers a request
//   old-hang     sessions that are there never do, those that follow do
//   refuse       each request is refused: REFUSED_STREAM
//   http1-only   likewise, with HTTP_1_1_REQUIRED; HTTP/1.1 is served
//
// and GET / says what was counted.
'use strict';
const fs = require('fs');
const http = require('http');
const http2 = require('http2');

const {NGHTTP2_REFUSED_STREAM, NGHTTP2_HTTP_1_1_REQUIRED} = http2.constants;
let mode = 'all-answer', sessions = 0, requests = 0, issued = 0;
const hanging = new WeakSet();
const open = new Set();

function body() {
  return JSON.stringify({token: `h2-${++issued}`, expires_in: 600});
}

const server = http2.createSecureServer({
  key: fs.readFileSync(process.argv[2]),
  cert: fs.readFileSync(process.argv[3]),
  allowHTTP1: true,
});

server.on('session', (session) => {
  open.add(session);
  session.on('close', () => open.delete(session));
  session.on('error', () => {});
  if (++sessions === 1 && mode === 'first-hangs')
    hanging.add(session);
});

server.on('stream', (stream) => {
  requests++;
  stream.on('error', () => {});
  if (hanging.has(stream.session))
    return;
  if (mode === 'refuse')
    stream.close(NGHTTP2_REFUSED_STREAM);
  else if (mode === 'http1-only')
    stream.close(NGHTTP2_HTTP_1_1_REQUIRED);
  else {
    stream.respond({':status': 200, 'content-type': 'application/json'});
    stream.end(body());
  }
});

server.on('request', (request, response) => {
  if (request.httpVersionMajor !== 1)
    return;
  requests++;
  response.setHeader('content-type', 'application/json');
  response.end(body());
});

const control = http.createServer((request, response) => {
  if (request.url !== '/') {
    mode = request.url.slice(1);
    sessions = requests = 0;
    if (mode === 'old-hang')
      open.forEach((session) => hanging.add(session));
  }
  response.end(`sessions ${sessions}\nrequests ${requests}\n`);
});

server.listen(0, '127.0.0.1', () => control.listen(0, '127.0.0.1', () =>
  console.log('listening', server.address().port, control.address().port)));
