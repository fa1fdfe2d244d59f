// A stock client that goes through a whole game as the original's page does.
// node player.js VERSION PARSER URL SUBJECT FRAMES [ROLE [TRANSPORTS]]
// ROLE is what it does beside playing: "" nothing; "linger" it does not advance at the end; "resync" the one that is not host asks for a resync
// in the middle; "env" it asks for another environment; "leave" it leaves in the middle;
// "vanish" its line breaks in the middle; "upload" it sends its record at the end, and does what "resync" does; "real" it plays at 30
// frames a second against anything: as guest it asks for a resync at frame 100, as host it sends a hash at frame 40
// that nobody else has, and answers with the state in the environment variable STATE.
// It prints one JSON line with what it saw, or FAILED and why.
"use strict";
const [version, parser, url, subject, framesText, role, transports] = process.argv.slice(2);
const FRAMES = Number(framesText);
const { io } = require(version === "4.7.2" ? "socket.io-client-472" : "socket.io-client");
const options = { transports: (transports || "websocket").split(","), reconnection: false, forceNew: true };
if (role === "env") options.query = { env: "overcooked" };
if (parser === "msgpack") options.parser = require("socket.io-msgpack-parser");

const die = (words) => { console.log("FAILED " + words); process.exit(1); };
setTimeout(() => die("it has taken three minutes"), 180000).unref(); // a busy machine takes its time

// What a host's full state looks like: 32 fields, a generator's key, unlikely numbers.
const fullState = () => ({
  episode_num: 4, // the last one: who has played it may go, and ends nobody's game
  step_num: 150, frame_number: 150, cumulative_rewards: { agent_left: -1, agent_right: 1 },
  numpy_rng_state: Array.from({ length: 624 }, (_, i) => (i * 2654435761) % 4294967296),
  env_state: {
    ball_x: 0.1, ball_y: 12, ball_prev_x: -0, ball_vx: 1e-7, ball_vy: -14.343916796455296, ball_c: [217, 79, 0],
    agent_left_emotion: "happy", agent_right_emotion: "sad é\u2028\"", agent_left_dir: -1, nothing: null, deep: { a: [1, [2, { b: 3 }]] },
  },
});

(async () => {
  const page = await fetch(url + "/" + encodeURIComponent(subject));
  if (page.status !== 200) die("the page visit is answered with " + page.status);
  await page.text();

  const seen = { subject, scenes: [], events: [], actions: 0, hud: [], pongs: 0 };
  const socket = io(url, options);
  let me, mine, other, sent = 0, next = 0, over = false, askedFull = false;
  const done = () => {
    if (over) return;
    over = true;
    console.log(JSON.stringify({ ...seen, seat: me.player_id, host: me.is_host, seed: me.game_seed, game: me.game_id, other }));
    socket.disconnect();
    setTimeout(() => process.exit(0), 50);
  };

  socket.on("connect_error", (e) => { console.log("REFUSED " + e.message); process.exit(0); });
  socket.on("disconnect", (reason) => { if (!over) die("disconnected: " + reason); });
  socket.onAny((name) => { if (!/action$|pong/.test(name)) seen.events.push(name); });
  socket.on("connect", () => {
    socket.emit("register_subject", { subject_id: subject });
    socket.emit("ping", { ping_ms: undefined, document_in_focus: true });
  });
  socket.on("pong", () => seen.pongs++);
  socket.on("server_session_id", (m) => { seen.session = m.session_id; });
  socket.on("activate_scene", (scene) => {
    seen.scenes.push(scene.scene_type);
    if (scene.room !== socket.id || scene.status !== 1) die("activate_scene: " + JSON.stringify(scene));
    if (scene.scene_type === "StartScene") socket.emit("advance_scene", { session_id: seen.session });
    if (scene.scene_type === "GymScene") {
      seen.metadata = scene;
      socket.emit("join_game", { session_id: seen.session });
    }
    if (scene.scene_type === "EndScene") {
      if (role === "upload") {
        socket.emit("emit_remote_game_data", {
          data: Buffer.from(process.env.RECORD, "hex"), scene_id: seen.metadata.scene_id, session_id: seen.session,
          interactiveGymGlobals: { subject, focus: true },
        });
        socket.emit("ping", { ping_ms: 1, document_in_focus: true }); // answered behind the upload
        socket.on("pong", done);
      } else done();
    }
  });
  socket.on("terminate_scene", (scene) => { if (scene.status !== 2) die("terminate_scene: " + scene.status); });
  socket.on("create_game_failed", (m) => die("create_game_failed " + m.error));
  socket.on("waiting_room", (m) => { seen.waiting = m; });
  socket.on("pyodide_host_elected", (m) => { me = m; mine = { game_id: m.game_id, player_id: m.player_id }; });
  socket.on("pyodide_game_ready", (m) => {
    seen.players = m.players;
    seen.subjects = m.player_subjects;
    other = m.players.find((p) => p !== me.player_id);
  });

  // Frames are sent as fast as they fit: a few at a time, never more than 40 ahead of the other.
  const real = role === "real";
  const play = () => {
    if (over) return;
    if (real) {
      socket.emit("pyodide_player_action", { ...mine, action: sent % 6, frame_number: sent, timestamp: Date.now() });
      if (++sent === (me.is_host ? 40 : 100)) {
        if (me.is_host) socket.emit("pyodide_state_hash", { ...mine, hash: "0".repeat(64), frame_number: sent });
        else socket.emit("pyodide_request_resync", { ...mine, frame_number: sent, reason: "queue_overflow" });
      }
      return;
    }
    for (let i = 0; i < 5 && sent < FRAMES && sent < next + 40; i++) {
      socket.emit("pyodide_player_action", { ...mine, action: (sent * 7 + (me.is_host ? 1 : 3)) % 6, frame_number: sent, timestamp: Date.now() });
      sent++;
      if (sent % 20 === 0) {
        const hash = require("crypto").createHash("sha256").update(`{"cumulative_rewards":{},"env_state":{},"frame":${sent},"step":${sent}}`).digest("hex");
        socket.emit("pyodide_state_hash", { ...mine, hash, frame_number: sent });
      }
      if (sent === FRAMES / 2) {
        if (role === "leave") { socket.emit("leave_game", { session_id: seen.session }); done(); return; }
        if (role === "vanish") { console.log("VANISHED"); process.kill(process.pid, "SIGKILL"); return; }
        if ((role === "resync" || role === "upload") && !me.is_host) {
          askedFull = true;
          socket.emit("pyodide_request_resync", { ...mine, frame_number: sent, reason: "queue_overflow" });
        }
      }
    }
    finish();
  };
  const finish = () => {
    if (sent === FRAMES && next === FRAMES && !(askedFull && !seen.state)) {
      clearInterval(timer);
      if (role === "linger") return;
      socket.emit("advance_scene", { session_id: seen.session });
      sent++;
    }
  };
  let timer, frame = 0, jumped = false;
  socket.on("start_game", (m) => {
    if (m.game_id !== me.game_id || m.scene_metadata.scene_id !== seen.metadata.scene_id) die("start_game: " + m.game_id);
    timer = setInterval(play, real ? 1000 / 30 : 5);
  });
  socket.on("pyodide_other_player_action", (m) => {
    if (m.player_id !== other) die("an action of " + m.player_id);
    // Frames begin anew with an episode, and go on elsewhere once a state has been taken over.
    if (real && (m.frame_number === 0 || seen.wanted !== undefined && !jumped)) {
      jumped = jumped || m.frame_number !== frame && m.frame_number !== 0;
      frame = m.frame_number;
    }
    if (m.frame_number !== (real ? frame++ : next)) die(`frame ${m.frame_number} where ${next} should be`);
    if (!real && m.action !== (next * 7 + (me.is_host ? 3 : 1)) % 6) die(`action ${m.action} in frame ${next}`);
    if (Math.abs(m.timestamp - Date.now() / 1000) > 60) die("timestamp " + m.timestamp);
    if (Object.keys(m).sort().join() !== "action,frame_number,player_id,timestamp") die("fields " + Object.keys(m));
    next++;
    seen.actions++;
    if (real && next === FRAMES) {
      clearInterval(timer);
      socket.emit("advance_scene", { session_id: seen.session });
    } else finish();
  });
  socket.on("pyodide_request_full_state", (m) => {
    if (!me.is_host) die("a full state is wanted of one that is not host");
    seen.wanted = m.frame_number;
    socket.emit("pyodide_send_full_state", { game_id: me.game_id, state: real ? JSON.parse(process.env.STATE) : fullState() });
    socket.emit("pyodide_hud_update", { game_id: me.game_id, hud_text: "Score: 01 | Time left:  95.0s" });
  });
  socket.on("pyodide_apply_full_state", (m) => {
    if (me.is_host) die("the host is to apply a state");
    if (real) {
      seen.real = JSON.stringify(m.state);
      return;
    }
    if (JSON.stringify(m.state) !== JSON.stringify(fullState())) die("the state is another: " + JSON.stringify(m.state).slice(0, 500));
    seen.state = true;
    finish();
  });
  socket.on("pyodide_hud_sync", (m) => seen.hud.push(m.hud_text));
  socket.on("end_game", (m) => { seen.end = m.message; socket.emit("leave_game", {}); socket.emit("end_game_request_redirect", { waitroom_timeout: false }); done(); });
})();
