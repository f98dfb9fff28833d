// Stands in for the npm package `request`, which the printed sample asks for and which is no longer kept up:
// the one call that the sample makes of it, on node's own http.
'use strict';

const http = require('node:http');

module.exports = function request(options, done) {
  const body = Buffer.from(options.body);
  const headers = { ...options.headers, 'Content-Length': body.length };
  const asked = http.request(options.url, { method: options.method, headers }, (response) => {
    const parts = [];
    response.on('data', (part) => parts.push(part));
    response.on('end', () => {
      response.body = Buffer.concat(parts).toString();
      done(null, response);
    });
  });
  asked.on('error', done);
  asked.end(body);
};
