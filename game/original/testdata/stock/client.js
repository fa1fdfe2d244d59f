// A stock client that plays as the original's page does: 30 frames a second by its own clock, its own
// action at once, the oldest queued action of the other, a hash every 20 frames.
// node client.js VERSION PARSER URL SUBJECT FRAMES; it prints "waiting" when it waits, and a line of
// JSON with what it saw at its end.
"use strict";
const [version, parser, url, subject, framesText] = process.argv.slice(2);
const FRAMES = Number(framesText);
const { io } = require(version === "4.7.2" ? "socket.io-client-472" : "socket.io-client");
const options = { transports: ["websocket"], upgrade: false, reconnection: false, forceNew: true };
if (parser === "msgpack") options.parser = require("socket.io-msgpack-parser");
const die = (words) => { console.log("FAILED " + words); process.exit(1); };
setTimeout(() => die("it has taken three minutes"), 180000).unref(); // a busy machine takes its time

const sha = (text) => require("crypto").createHash("sha256").update(text).digest("hex");
const fullState = (frame) => ({
  episode_num: 0, step_num: frame, frame_number: frame, cumulative_rewards: { agent_left: 0, agent_right: 0 },
  numpy_rng_state: Array.from({ length: 624 }, (_, i) => (i * 2654435761) % 4294967296),
  env_state: {
    ball_x: 1.25, ball_y: 20.5, ball_prev_x: 1.2, ball_prev_y: 20, ball_vx: 3.5, ball_vy: -14.343916796455296, ball_r: 0.5, ball_c: [217, 79, 0],
    ...Object.fromEntries([["agent_left_", -1], ["agent_right_", 1]].flatMap(([side, dir]) => Object.entries({
      dir, x: 12 * dir, y: 1.5, r: 1.5, c: dir < 0 ? [35, 93, 188] : [255, 236, 0], vx: 0, vy: 0, desired_vx: 0, desired_vy: 0,
      powerups_available: 1, powered_up_timer: 0, emotion: "happy",
    }).map(([k, v]) => [side + k, v]))),
  },
});

(async () => {
  const page = await fetch(url + "/" + encodeURIComponent(subject));
  if (page.status !== 200) die("the page visit is answered with " + page.status);
  await page.text();
  const socket = io(url, options);
  const seen = { actions: 0, restarts: 0, ordered: true, strange: 0, states: [], wanted: 0, depth: 0, missing: 0, hud: "" };
  const queue = [];
  let me, mine, session, frame = 0, next = 0, over = false, timer;
  const done = () => {
    if (over) return;
    over = true;
    clearInterval(timer);
    console.log(JSON.stringify({ ...seen, host: me.is_host, seat: me.player_id }));
    socket.disconnect();
    setTimeout(() => process.exit(0), 100);
  };
  socket.on("connect_error", (e) => die("connect_error " + e.message));
  socket.on("disconnect", (reason) => { if (!over) die("disconnected: " + reason); });
  socket.on("connect", () => socket.emit("register_subject", { subject_id: subject }));
  socket.on("server_session_id", (m) => { session = m.session_id; });
  socket.on("activate_scene", (scene) => {
    if (scene.scene_type === "StartScene") socket.emit("advance_scene", { session_id: session });
    if (scene.scene_type === "GymScene") socket.emit("join_game", { session_id: session });
    if (scene.scene_type === "EndScene") done();
  });
  socket.on("waiting_room", () => console.log("waiting"));
  socket.on("pyodide_host_elected", (m) => { me = m; mine = { game_id: m.game_id, player_id: m.player_id }; });
  const step = () => {
    if (queue.length) queue.shift();
    else seen.missing++;
    seen.depth = Math.max(seen.depth, queue.length);
    if (frame >= FRAMES) return finish();
    socket.emit("pyodide_player_action", { ...mine, action: frame % 6, frame_number: frame, timestamp: Date.now() });
    frame++;
    if (frame % 20 === 0) {
      socket.emit("pyodide_state_hash", { ...mine, hash: sha(`{"cumulative_rewards":{},"env_state":{},"frame":${frame},"step":${frame}}`), frame_number: frame });
    }
    if (frame === FRAMES / 2) socket.emit("pyodide_request_resync", { ...mine, frame_number: frame, reason: "queue_overflow" });
  };
  const finish = () => {
    if (seen.actions < FRAMES) return; // what is under way
    clearInterval(timer);
    setTimeout(() => socket.emit("advance_scene", { session_id: session }), 3000);
  };
  socket.on("start_game", () => { timer = setInterval(step, 1000 / 30); });
  socket.on("pyodide_other_player_action", (m) => {
    if (m.frame_number === 0 && seen.actions > 0) { seen.restarts++; next = 0; }
    if (m.frame_number !== next) seen.ordered = false;
    if (!Number.isInteger(m.action) || m.action < 0 || m.action > 5) seen.strange++;
    next = m.frame_number + 1;
    seen.actions++;
    queue.push(m.action);
  });
  socket.on("pyodide_request_full_state", () => {
    seen.wanted++;
    const state = fullState(frame);
    seen.states.push(JSON.stringify(state));
    socket.emit("pyodide_send_full_state", { game_id: me.game_id, state });
    queue.length = 0;
  });
  socket.on("pyodide_apply_full_state", (m) => {
    seen.states.push(JSON.stringify(m.state));
    queue.length = 0;
  });
  socket.on("pyodide_hud_sync", (m) => { seen.hud = m.hud_text; });
  socket.on("end_game", (m) => { seen.end = m.message; socket.emit("leave_game", {}); done(); });
})();
