// Loads the program, shows how far that is, and says in words what went wrong.
//
// The program (cmd/tandem, built for js/wasm) finds window.tandem here:
//
//	ready()        the first picture is drawn: the loading screen goes
//	say(text)      what happens in the match, for those who hear the page
//	unseen(headline, text)  the same while the page is hidden: its title says the headline as well
//	fail(text)     the program cannot go on, and why
//	savePicture(name, width, height, pixels), saveData(name, type, bytes)   begin a download
//
// with the controls of controls.js, and adds what scripts may ask of it (see cmd/tandem/page_js.go).
"use strict";

(() => {
  const at = (id) => document.getElementById(id);
  const show = (element, on) => { element.hidden = !on; };
  const title = document.title;
  let over = false; // it was said what went wrong

  function download(name, blob) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  const tandem = Object.assign(window.tandem, {
    ready() {
      show(at("start"), false);
      performance.mark("tandem-drawn");
    },
    say(text) {
      if (at("status").textContent !== text) at("status").textContent = text;
    },
    unseen(headline, text) {
      tandem.say(text);
      if (document.hidden) document.title = `${headline} – ${title}`;
    },
    savePicture(name, width, height, pixels) {
      const canvas = document.createElement("canvas");
      canvas.width = width;
      canvas.height = height;
      canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), width, height), 0, 0);
      canvas.toBlob((blob) => blob && download(name, blob), "image/png");
    },
    saveData(name, type, bytes) {
      download(name, new Blob([bytes], { type }));
    },
    fail(text) {
      if (over) return;
      over = true;
      show(at("bar"), false);
      show(at("stage"), false);
      at("trouble").textContent = text;
      show(at("trouble"), true);
      show(at("reload"), true);
      at("start").classList.add("failed");
      show(at("start"), true);
      show(at("controls"), false);
      tandem.say(text);
    },
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) document.title = title; });
  at("reload").addEventListener("click", () => location.reload());

  // A long touch is a button held down, not a wish for a menu; two fingers are two buttons.
  document.addEventListener("contextmenu", (e) => { if (e.target.tagName === "CANVAS") e.preventDefault(); });
  document.addEventListener("gesturestart", (e) => e.preventDefault());

  let shown = 0; // percent
  function progress(part) {
    const percent = Math.min(100, Math.round(part * 100));
    if (percent === shown) return; // hundreds of chunks come; the bar has a hundred places
    shown = percent;
    at("fill").style.transform = `scaleX(${percent / 100})`;
    at("bar").setAttribute("aria-valuenow", String(percent));
  }

  // lacks says what this browser has not got that the game needs, or nothing.
  function lacks() {
    if (typeof WebAssembly !== "object" || typeof WebAssembly.instantiate !== "function") {
      return "This browser has no WebAssembly, which the game needs.\n" +
        "Please use a current Firefox, Chrome, Edge or Safari; in Safari's lockdown mode, allow this page.";
    }
    let gl = null;
    try {
      gl = document.createElement("canvas").getContext("webgl2");
    } catch { /* as good as none */ }
    if (!gl) {
      return "This browser does not offer WebGL 2, which the game needs to draw.\n" +
        "Please turn on hardware acceleration in its settings, or use a current Firefox, Chrome, Edge or Safari.";
    }
    gl.getExtension("WEBGL_lose_context")?.loseContext(); // give it back: a page may have few
    if (typeof WebSocket !== "function") return "This browser has no WebSocket, which the game needs.";
    return "";
  }

  // counted passes a response's bytes on and shows how many have come. total is what they will be
  // once unpacked.
  function counted(response, total) {
    if (!response.body) return response; // no progress to show, but it works
    let got = 0;
    const reader = response.body.getReader();
    const body = new ReadableStream({
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) {
          controller.close();
          return;
        }
        got += value.byteLength;
        progress(total > 0 ? got / total : 0);
        controller.enqueue(value);
      },
      cancel(reason) { return reader.cancel(reason); },
    });
    return new Response(body, { headers: { "Content-Type": "application/wasm" } });
  }

  async function load(go, coming) {
    let response;
    try {
      response = await coming;
    } catch (e) {
      throw new Error("The game could not be loaded: the server does not answer. Check your connection and reload the page.", { cause: e });
    }
    if (!response.ok) {
      throw new Error(response.status === 404
        ? "There is a newer version of the game. Please reload the page."
        : `The game could not be loaded: the server answered ${response.status}. Please reload the page in a moment.`);
    }
    try {
      const { instance } = await WebAssembly.instantiateStreaming(counted(response, Number(document.body.dataset.size)), go.importObject);
      return instance;
    } catch (e) {
      throw new Error("The game could not be loaded: the connection broke while it came, or this browser is too old. Please reload the page.", { cause: e });
    }
  }

  async function start() {
    // On its way while this looks what the browser has, which takes a moment.
    const leave = new AbortController();
    const coming = fetch(document.body.dataset.program, { signal: leave.signal });
    coming.catch(() => {}); // load says so
    const missing = lacks();
    if (missing) {
      leave.abort();
      tandem.fail(missing);
      return;
    }
    const go = new Go();
    const instance = await load(go, coming);
    progress(1);
    at("bar").classList.add("busy");
    at("stage").textContent = "Starting …";
    // Let the browser show that before the program takes the thread.
    await new Promise((done) => setTimeout(done));
    await go.run(instance);
    tandem.fail("The game has ended. Reload the page to play again.");
  }

  start().catch((e) => tandem.fail(e.message));
})();
