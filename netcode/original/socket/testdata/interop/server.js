// A stock server for the client under test. node server.js PARSER PING_INTERVAL PING_TIMEOUT; it
// prints its port.
"use strict";
const [parser, pingInterval, pingTimeout, compress] = process.argv.slice(2);
const http = require("http").createServer();
const { Server } = require("socket.io");
const options = { pingInterval: Number(pingInterval), pingTimeout: Number(pingTimeout), maxHttpBufferSize: 1e6 };
if (parser === "msgpack") options.parser = require("socket.io-msgpack-parser");
if (compress === "deflate") options.perMessageDeflate = { threshold: 0 };
const io = new Server(http, options);
io.use((socket, next) => (socket.handshake.auth.token === "wrong" ? next(new Error("not with that token")) : next()));

io.on("connection", (socket) => {
  socket.emit("hello", { sid: socket.id, nothing: null, big: 4294967295, x: 0.5, stamp: 1766900000123 });
  socket.on("pyodide_player_action", (m) => {
    socket.emit("pyodide_other_player_action", {
      player_id: m.player_id, action: m.action, frame_number: m.frame_number, timestamp: m.timestamp / 1000,
    });
  });
  socket.on("emit_remote_game_data", (m) => {
    socket.emit("blobs", { first: m.data, length: m.data.length }, Buffer.alloc(0));
  });
  socket.on("wants_ack", (m, reply) => reply({ n: m.n + 1 }));
  socket.on("burst", (m) => socket.emit("burst_back", m));
  socket.on("large", (m) => socket.emit("large_back", { length: m.text.length, text: m.text }));
  socket.on("ask", () => socket.emit("question", { q: 1 }, (answer) => socket.emit("answered", { answer })));
  socket.on("hang", (file) => { // until there is that file
    while (!require("fs").existsSync(file)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  });
  socket.on("throw_out", () => socket.disconnect(true));
  socket.on("disconnect", (reason) => console.log("left " + reason));
});
http.listen(0, "127.0.0.1", () => console.log("port " + http.address().port));
process.stdin.on("end", () => process.exit(0)).resume(); // ends with the test
