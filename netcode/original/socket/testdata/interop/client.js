// A stock client that plays one scenario against the server under test.
// node client.js VERSION PARSER URL SCENARIO [FILE]; it prints "ok" or what went wrong.
"use strict";
const [version, parser, url, scenario, file] = process.argv.slice(2);
const { io } = require(version === "4.7.2" ? "socket.io-client-472" : "socket.io-client");
const options = { transports: (process.env.TRANSPORTS || "websocket").split(","), reconnection: false, forceNew: true };
if (parser === "msgpack") options.parser = require("socket.io-msgpack-parser");

const die = (words) => { console.log("FAILED " + words); process.exit(1); };
const done = (words) => { console.log("ok " + words); process.exit(0); };
const same = (a, b, what) => {
  if (JSON.stringify(a) !== JSON.stringify(b)) die(`${what}: ${JSON.stringify(a)}, not ${JSON.stringify(b)}`);
};
setTimeout(() => die("it has taken two minutes"), 120000).unref(); // a busy machine takes its time

if (scenario === "namespace") {
  const deny = io(url + "/x", options);
  deny.on("connect", () => die("joined a namespace that does not exist"));
  deny.on("connect_error", (e) => done(e.message));
  return;
}

const socket = io(url, options);
socket.on("connect_error", (e) => die("connect_error " + e.message));

if (scenario === "talk") {
  const BURST = 2000;
  let next = 0;
  socket.on("connect", () => {
    socket.emit("pyodide_player_action", {
      game_id: "g", player_id: "agent_left", action: { deep: [1, 2.5, "é\"\u2028"] }, frame_number: 7, timestamp: 1766900000123,
    });
  });
  socket.on("pyodide_other_player_action", (m) => {
    same(m, { player_id: "agent_left", action: { deep: [1, 2.5, "é\"\u2028"] }, frame_number: 7, timestamp: 1766900000.5 }, "action");
    socket.emit("emit_remote_game_data", { data: Buffer.from([1, 2, 3]), scene_id: "s", session_id: "x", interactiveGymGlobals: { a: undefined } });
  });
  socket.on("blobs", (m, second) => {
    same([...Buffer.from(m.first)], [9, 8], "first attachment");
    same([...Buffer.from(second)], [], "second attachment");
    socket.emit("wants_ack", { n: 1 }, (reply) => {
      same(reply, { ok: 1 }, "ack");
      for (let i = 0; i < BURST; i++) socket.emit("burst", { i });
    });
  });
  socket.on("burst_back", (m) => {
    if (m.i !== next) die(`burst message ${m.i} where ${next} should be`);
    if (++next === BURST) socket.emit("finished", {});
  });
  socket.on("disconnect", (reason) => (reason === "io server disconnect" && next === BURST ? done(reason) : die("disconnected: " + reason)));
} else if (scenario === "hang") {
  // A page that does nothing any more: no pong leaves until there is a file.
  socket.on("connect", () => {
    console.log("hanging");
    while (!require("fs").existsSync(file)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  });
  socket.on("disconnect", (reason) => done(reason));
} else if (scenario === "idle") {
  // Pings are answered.
  socket.on("disconnect", (reason) => done(reason));
}
