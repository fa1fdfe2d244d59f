// A relay that does what the original's does, on the stock packages: page visit, scenes, waiting room,
// host election, relay at once, and its faults: hashes are compared whenever every player has one,
// whatever frames they are of, and are kept afterwards.
// node relay.js PARSER EPISODES MAX_STEPS; it prints its port, then one line of JSON per game that is over.
// A line "resync N" on standard input makes it ask the host for its state once all have sent N actions.
"use strict";
const [parser, episodes, maxSteps] = process.argv.slice(2);
const { Server } = require("socket.io");
const visited = new Set();
const http = require("http").createServer((req, res) => {
  if (req.url.startsWith("/socket.io/")) return;
  visited.add(decodeURIComponent(req.url.slice(1)));
  res.writeHead(200, { "content-type": "text/html" });
  res.end("<!doctype html><title>participant</title>");
});
const options = { transports: ["websocket"], pingInterval: 25000, pingTimeout: 20000, maxHttpBufferSize: 1e6 };
if (parser === "msgpack") options.parser = require("socket.io-msgpack-parser");
const io = new Server(http, options);

const scenes = [
  { scene_id: "start", scene_type: "StartScene" },
  {
    scene_id: "slime", scene_type: "GymScene", pyodide_multiplayer: true, run_through_pyodide: true,
    policy_mapping: { agent_left: "human", agent_right: "human" }, default_action: 0,
    action_population_method: "default_action", fps: 30, frame_skip: 1, max_steps: Number(maxSteps), num_episodes: Number(episodes),
    state_sync_frequency_frames: 20, queue_resync_threshold: 50, hud_score_carry_over: true, input_mode: "pressed_keys",
    environment_initialization_code: 'env = SlimeVBEnv(config={"human_inputs": True, "seed": 42})\n', waitroom_timeout: 120000,
  },
  { scene_id: "end", scene_type: "EndScene" },
];
const describe = (n, room, status) => ({
  timestamp: "2025-12-28 12:00:00", experiment_config: {}, element_ids: [], should_export_metadata: false, room, status, ...scenes[n],
});

let game = null; // that waits or is played
let resyncAt = Infinity;
const seats = ["agent_left", "agent_right"];
const send = (g, event, payload, except) => { for (const p of g.players) if (p.socket !== except) p.socket.emit(event, payload); };
const say = (line) => console.log(JSON.stringify(line));

const ask = (g, frame) => {
  g.asked++;
  g.players[0].socket.emit("pyodide_request_full_state", { frame_number: frame });
};

io.on("connection", (socket) => {
  const me = { socket, subject: null, scene: 0, actions: 0, ordered: true, next: 0, hash: null, hashes: 0, uploads: 0 };
  const playing = () => game && game.players.includes(me) && game.players.length === 2;
  socket.on("register_subject", (m) => {
    if (!visited.has(m.subject_id)) return; // the original raises here
    me.subject = m.subject_id;
    socket.emit("server_session_id", { session_id: "AAAAAAAAAAAAAAAAAAAAAA" });
    socket.emit("activate_scene", describe(0, socket.id, 1));
  });
  socket.on("advance_scene", () => {
    socket.emit("terminate_scene", describe(me.scene, socket.id, 2));
    me.scene++;
    socket.emit("activate_scene", describe(me.scene, socket.id, 1));
  });
  socket.on("join_game", () => {
    if (!game) game = { id: require("crypto").randomUUID(), seed: 1 + Math.floor(Math.random() * 4294967295), players: [], asked: 0, sent: 0, state: null, same: true, blind: 0, compared: 0, huds: 0 };
    const g = game;
    const free = seats.filter((s) => !g.players.some((p) => p.seat === s));
    me.seat = free[Math.floor(Math.random() * free.length)];
    g.players.push(me);
    const host = g.players[0];
    const elected = { is_host: me === host, player_id: me.seat, game_id: g.id, game_seed: g.seed, num_players: 2 };
    if (me !== host) elected.host_id = host.seat;
    socket.emit("pyodide_host_elected", elected);
    if (g.players.length < 2) return socket.emit("waiting_room", { cur_num_players: 1, players_needed: 1, ms_remaining: 119999.5 });
    send(g, "pyodide_game_ready", { game_id: g.id, players: g.players.map((p) => p.seat), player_subjects: Object.fromEntries(g.players.map((p) => [p.seat, p.subject])) });
    send(g, "start_game", { scene_metadata: describe(1, host.socket.id, 1), game_id: g.id });
  });
  socket.on("ping", () => socket.emit("pong", { max_latency: null, min_ping_measurements: 5 }));
  socket.on("pyodide_player_action", (m) => {
    if (!playing()) return;
    if (typeof m.action === "number") { me.bare = (me.bare || 0) + 1; }
    const n = typeof m.action === "object" ? m.action.a.length : 1;
    if (me.first === undefined) me.first = me.next = m.frame_number;
    if (m.frame_number !== me.next && m.frame_number !== 0) me.ordered = false;
    me.next = m.frame_number + n;
    me.actions += n;
    if (game.players.every((p) => p.actions >= resyncAt)) {
      resyncAt = Infinity;
      ask(game, 0);
    }
    send(game, "pyodide_other_player_action", { player_id: m.player_id, action: m.action, frame_number: m.frame_number, timestamp: Date.now() / 1000 }, socket);
  });
  socket.on("pyodide_state_hash", (m) => {
    if (!playing()) return;
    me.hashes++;
    const want = require("crypto").createHash("sha256").update(`{"cumulative_rewards":{},"env_state":{},"frame":${m.frame_number},"step":${m.frame_number}}`).digest("hex");
    if (m.hash !== want) me.wrong = (me.wrong || 0) + 1;
    me.hash = m.hash;
    me.hashFrame = m.frame_number;
    const [a, b] = game.players;
    if (!a.hash || !b.hash) return;
    game.compared++;
    if (a.hashFrame !== b.hashFrame) game.blind++;
    if (a.hash !== b.hash) ask(game, m.frame_number);
  });
  socket.on("pyodide_request_resync", (m) => { if (playing()) ask(game, m.frame_number); });
  socket.on("pyodide_send_full_state", (m) => {
    if (!playing()) return;
    game.sent++;
    const fields = m.state.env_state ? Object.keys(m.state.env_state).length : 0;
    game.fields = Math.max(game.fields || 0, fields);
    send(game, "pyodide_apply_full_state", { state: m.state }, game.players[0].socket);
  });
  socket.on("pyodide_hud_update", (m) => {
    if (!playing() || m.game_id !== game.id) return;
    game.huds++;
    send(game, "pyodide_hud_sync", { hud_text: m.hud_text });
  });
  socket.on("emit_remote_game_data", (m) => { me.uploads += Buffer.isBuffer(m.data) ? m.data.length : 0; });
  socket.on("leave_game", () => { me.left = true; });
  socket.on("disconnect", () => {
    if (!playing() || game.over) return;
    me.gone = true;
    if (!game.players.every((p) => p.gone || p.scene === 2)) send(game, "end_game", { message: "You were disconnected because your partner left." }, socket);
    if (!game.players.every((p) => p.gone)) return;
    const g = game;
    game = null;
    say({
      asked: g.asked, sent: g.sent, fields: g.fields || 0, compared: g.compared, blind: g.blind, huds: g.huds,
      players: g.players.map((p) => ({ seat: p.seat, subject: p.subject, actions: p.actions, first: p.first, ordered: p.ordered, bare: p.bare || 0, hashes: p.hashes, wrong: p.wrong || 0, uploads: p.uploads, left: !!p.left, scene: p.scene })),
    });
  });
});
http.listen(0, "127.0.0.1", () => console.log("port " + http.address().port));
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  if (line.startsWith("resync ")) resyncAt = Number(line.slice("resync ".length));
}).on("close", () => process.exit(0));
