// Encodes each event on standard input, a JSON array per line, with the stock encoders, and prints
// the bytes as hex: the JSON parser's text, and the msgpack parser's for a server and a client.
// Placeholders stand for the bytes 01 02.
"use strict";
const json = require("socket.io-parser");
const msgpack = require("socket.io-msgpack-parser");
const lines = require("fs").readFileSync(0, "utf8").trim().split("\n");
for (const line of lines) {
  const data = () => JSON.parse(line, (_, v) => (v && v._placeholder ? Buffer.from([1, 2]) : v));
  const hex = (b) => Buffer.from(b).toString("hex");
  console.log(JSON.stringify({
    JSON: hex("4" + new json.Encoder().encode({ type: 2, data: data(), nsp: "/" })[0]),
    Server: hex(new msgpack.Encoder().encode({ type: 2, data: data(), nsp: "/" })[0]),
    Client: hex(new msgpack.Encoder().encode({ type: 2, data: data(), options: { compress: true }, nsp: "/" })[0]),
  }));
}
