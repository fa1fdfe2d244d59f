// A minimal relay of the original's events with the stock socket.io, to measure against: it pairs who
// joins, and passes actions on. node relay.js; it prints its port. A line "cpu" on standard input is
// answered with the processor time used so far, in microseconds; the end of input ends it.
"use strict";
const http = require("http").createServer((request, response) => response.end()); // the page visit
const { Server } = require("socket.io");
const io = new Server(http, { transports: ["websocket"], maxHttpBufferSize: 1e6 });

let waiting = null;
io.on("connection", (socket) => {
  let other = null, me = null;
  const seat = (partner, player_id, game_id) => {
    other = partner;
    me = player_id;
    const is_host = player_id === "agent_left";
    socket.emit("pyodide_host_elected", { is_host, player_id, game_id, game_seed: 1, num_players: 2, host_id: is_host ? undefined : "agent_left" });
    socket.emit("start_game", { scene_metadata: { scene_id: "s", scene_type: "GymScene", status: 1, should_export_metadata: false }, game_id });
  };
  socket.on("join_game", () => {
    if (!waiting) {
      waiting = { socket, seat };
      return;
    }
    const first = waiting;
    waiting = null;
    const game = socket.id + first.socket.id;
    first.seat(socket, "agent_left", game);
    seat(first.socket, "agent_right", game);
  });
  socket.on("pyodide_player_action", (m) => {
    if (other) {
      other.emit("pyodide_other_player_action", { player_id: me, action: m.action, frame_number: m.frame_number, timestamp: Date.now() / 1000 });
    }
  });
  socket.on("disconnect", () => { if (waiting && waiting.socket === socket) waiting = null; });
});
http.listen(0, "127.0.0.1", () => console.log("port " + http.address().port));
process.stdin.on("data", () => {
  const { user, system } = process.cpuUsage();
  console.log("cpu " + (user + system));
});
process.stdin.on("end", () => process.exit(0));
