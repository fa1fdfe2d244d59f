// Makes real elements of the controls that the game draws, and lays them over the picture: so a telephone
// brings its keyboard, input methods and pasting work, Tab goes from one to the next and out of the page,
// screen readers hear what has the focus, and the invitation is a link.
//
// The program calls tandem.screen(json) whenever the controls change (game/scene/mirror.go says what is in
// it) and gives tandem.act(serial, kind, id, text, at), which is told what was done with an element. What
// the program shows may be older than what was done meanwhile: it says which act it has seen last, and
// until that is the latest one, an element's own text and focus count.
"use strict";

(() => {
  const tandem = window.tandem = {};
  const at = (id) => document.getElementById(id);

  // allowed returns what f does, or nothing where the browser refuses: some properties throw when they
  // are only read.
  const allowed = tandem.allowed = (f) => {
    try {
      return f();
    } catch {
      return undefined;
    }
  };

  // The program asks for gamepads all the time. A frame that may not ask would end it, and where there is
  // nobody to ask, as by plain http, it would warn each time.
  if (!allowed(() => navigator.getGamepads())) navigator.getGamepads = () => [];

  const parts = new Map(); // of the controls, by id
  let canvas = null;
  let acts = 0; // serial number of the last
  let focus = 0; // id of the control that the game's keys go to; 0: to the game
  let applied = -1; // the focus that both sides know of
  let moving = false; // the focus, by the program
  let passing = false; // a key, to the canvas

  const act = (kind, id, text = "", index = 0) => tandem.act?.(++acts, kind, id, text, index);
  const typing = (element) => element?.tagName === "INPUT";
  const fingers = () => matchMedia("(pointer: coarse)").matches;

  function make(name, classes, parent) {
    const element = document.createElement(name);
    element.className = classes;
    parent?.append(element);
    return element;
  }

  // part makes the element of a control. Its show(control, settled) brings it up to date.
  function part(kind, id) {
    switch (kind) {
      case "field": return field(id);
      case "choice": return choice(id);
      case "link": return invitation();
      default: return button(id);
    }
  }

  function button(id) {
    const element = make("button", "drawn");
    element.type = "button";
    element.addEventListener("click", () => act("press", id));
    return { element, show(c) { if (element.textContent !== c.label) element.textContent = c.label; } };
  }

  function choice(id) {
    const element = make("select", "drawn");
    let options = [];
    element.addEventListener("change", () => act("choose", id, "", element.selectedIndex));
    return {
      element,
      show(c, settled) {
        element.setAttribute("aria-label", c.label);
        const list = c.options ?? [];
        if (list.length !== options.length || list.some((o, i) => o !== options[i])) {
          options = list;
          element.replaceChildren(...list.map((o) => new Option(o)));
        }
        if (settled && element.selectedIndex !== c.at) element.selectedIndex = c.at;
      },
    };
  }

  // The keyboard that a telephone shows, and what it does to what is typed.
  const entries = {
    name: { autocapitalize: "words", autocomplete: "nickname", inputmode: "text" },
    code: { autocapitalize: "none", autocomplete: "off", inputmode: "text" },
    address: { autocapitalize: "none", autocomplete: "off", inputmode: "url" },
  };

  function field(id) {
    const element = make("input", "field");
    element.type = "text";
    element.spellcheck = false;
    element.setAttribute("autocorrect", "off");
    element.setAttribute("enterkeyhint", "next");
    let composing = false; // by an input method, whose text must not be changed under its hands
    let latest = null;
    const show = (c, settled) => {
      latest = c;
      element.setAttribute("aria-label", c.label);
      element.placeholder = c.hint;
      for (const [name, value] of Object.entries(entries[c.entry] ?? entries.code)) element.setAttribute(name, value);
      if (settled && !composing && element.value !== c.value) element.value = c.value;
    };
    element.addEventListener("compositionstart", () => { composing = true; });
    element.addEventListener("compositionend", () => {
      composing = false;
      act("text", id, element.value);
    });
    element.addEventListener("input", () => { if (!composing) act("text", id, element.value); });
    element.addEventListener("blur", () => { composing = false; if (latest.value !== element.value) act("text", id, element.value); });
    return { element, show };
  }

  function invitation() {
    const element = make("div", "invitation");
    const link = make("a", "", element);
    const row = make("div", "row", element);
    const copies = make("button", "", row);
    copies.type = "button";
    copies.textContent = "Copy the link";
    let again = 0;
    const copy = async () => {
      const copied = await copyLink(link);
      tandem.say(copied ? "The link is copied." : "The link is selected: copy it as you copy text.");
      copies.textContent = copied ? "Copied" : "Selected";
      clearTimeout(again);
      again = setTimeout(() => { copies.textContent = "Copy the link"; }, 3000);
    };
    copies.addEventListener("click", copy);
    link.addEventListener("click", (e) => { // here it would only open the own room once more
      if (e.ctrlKey || e.metaKey || e.shiftKey) return;
      e.preventDefault();
      copy();
    });
    const share = allowed(() => navigator.share?.bind(navigator));
    if (share) {
      const shares = make("button", "", row);
      shares.type = "button";
      shares.textContent = "Share";
      shares.addEventListener("click", () => share({ title: "Tandem", text: "Play with me:", url: link.href })
        .catch((e) => { if (e.name !== "AbortError") copy(); }));
    }
    return {
      element,
      show(c) {
        if (link.getAttribute("href") === c.value) return;
        link.href = c.value;
        link.textContent = c.value;
      },
    };
  }

  // copyLink copies an address; false where the browser does not let it, and then it is selected.
  async function copyLink(link) {
    const clipboard = allowed(() => navigator.clipboard); // there is none by plain http
    if (clipboard) {
      try {
        await clipboard.writeText(link.href);
        return true;
      } catch { /* not allowed: the older way may be */ }
    }
    const selection = getSelection();
    selection.selectAllChildren(link);
    if (!allowed(() => document.execCommand("copy"))) return false;
    selection.removeAllRanges();
    return true;
  }

  tandem.screen = (json) => {
    const s = JSON.parse(json);
    const box = at("controls");
    const settled = s.seen === acts;
    if (!canvas) adopt();
    box.setAttribute("aria-label", s.title || "Controls");
    const gone = new Set(parts.keys());
    s.controls.forEach((c, i) => {
      gone.delete(c.id);
      let p = parts.get(c.id);
      if (p && p.kind !== c.kind) {
        p.element.remove();
        p = null;
      }
      if (!p) {
        p = part(c.kind, c.id);
        p.kind = c.kind;
        p.element.dataset.id = c.id;
        parts.set(c.id, p);
      }
      if (box.children[i] !== p.element) box.insertBefore(p.element, box.children[i] ?? null);
      const [left, top, width, height] = c.box;
      Object.assign(p.element.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
      p.element.style.setProperty("--size", `${c.size}px`);
      p.show(c, settled);
    });
    for (const id of gone) {
      parts.get(id).element.remove();
      parts.delete(id);
    }
    focus = s.focus;
    canvas.tabIndex = focus ? -1 : 0;
    if (settled) moveFocus(box);
  };

  // moveFocus lets the element have the focus that the program says, unless somebody has gone elsewhere.
  function moveFocus(box) {
    const active = document.activeElement;
    const lost = !active || active === document.body || active === canvas && focus !== 0;
    if (focus === applied && !lost || !lost && active !== canvas && !box.contains(active)) return;
    applied = focus;
    let target = focus ? parts.get(focus)?.element : canvas;
    if (!target || target === active) return;
    // A telephone's keyboard covers half of the picture: it comes when a field is touched, and it stays
    // from one field to the next.
    if (typing(target) && fingers() && !typing(active)) target = box;
    moving = true;
    target.focus({ preventScroll: true });
    moving = false;
  }

  // adopt makes the canvas that the program has put into the page part of it.
  function adopt() {
    canvas = document.querySelector("canvas");
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", "The game");
    canvas.setAttribute("aria-describedby", "status");
    // It takes the focus with every key and click. That is right where they are the game's.
    canvas.focus = (options) => { if (!focus && !passing) HTMLElement.prototype.focus.call(canvas, options); };
    // Without the focus itself it would not hear that the window has lost it, and keep a key down.
    window.addEventListener("blur", (e) => { if (e.target === window) canvas.dispatchEvent(new Event("blur")); });
    canvas.addEventListener("touchstart", () => { if (typing(document.activeElement)) document.activeElement.blur(); });
    latchTouches();
    at("controls").addEventListener("focusin", (e) => { if (!moving) focused(e.target); });
  }

  // focused tells the program of the control that has the focus.
  function focused(element) {
    const id = Number(element.closest("[data-id]")?.dataset.id ?? 0);
    if (!focus || !id || id === applied || parts.get(id).kind === "link") return;
    applied = id;
    act("focus", id);
  }

  // latchTouches lets the end of a touch come three frames after its beginning at the earliest: the program
  // looks at the fingers once a frame, and a short touch on a slow device would be none. Every event gives it
  // a whole list, so meanwhile a finger that has gone stays in those of the others. Of a touch that
  // the system takes away (touchcancel) the program hears as of one that ends, or the finger would stay down.
  function latchTouches() {
    const began = new Map(); // the frame in which each finger came that is on the canvas
    let down = []; // these fingers
    let held = []; // those that have gone without the program's knowing, and the frame in which it is told
    let frames = 0; // counted as long as one of all these is young
    let young = 0; // until this one
    let counting = false;
    let telling = false;
    const list = (event) => {
      const all = [...down, ...held.map((h) => h.touch)];
      Object.defineProperty(event, "targetTouches", { value: { length: all.length, item: (i) => all[i] } });
    };
    const tell = () => {
      const end = new Event("touchend", { cancelable: true });
      list(end);
      telling = true;
      canvas.dispatchEvent(end);
      telling = false;
    };
    const frame = () => {
      frames++;
      const due = held.length;
      held = held.filter((h) => h.until > frames);
      if (held.length < due) tell();
      counting = frames < young;
      if (counting) requestAnimationFrame(frame);
    };
    const change = (e) => {
      if (e.target !== canvas || telling) return;
      const now = [...e.targetTouches];
      const has = (id) => now.some((t) => t.identifier === id);
      const gone = down.filter((t) => !has(t.identifier));
      down = now;
      held = held.filter((h) => !has(h.touch.identifier)); // a browser gives a number to the next finger
      if (e.type === "touchstart") {
        young = frames + 3;
        for (const t of e.changedTouches) began.set(t.identifier, frames);
        if (!counting) requestAnimationFrame(frame);
        counting = true;
      }
      for (const touch of gone) {
        held.push({ touch, until: began.get(touch.identifier) + 3 });
        began.delete(touch.identifier);
      }
      if (e.type === "touchstart" || e.type === "touchmove") {
        if (held.length) list(e);
        return;
      }
      e.preventDefault(); // a click would follow
      e.stopImmediatePropagation();
      const due = held.length;
      held = held.filter((h) => h.until > frames);
      if (held.length < due) tell();
    };
    for (const type of ["touchstart", "touchmove", "touchend", "touchcancel"]) {
      window.addEventListener(type, change, { capture: true, passive: false });
    }
  }

  // The keys that the game uses, by where they are pressed. All others belong to the browser: Tab, those
  // with Ctrl, Alt or Meta, those of functions and media.
  const arrows = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];
  const enter = ["Enter", "NumpadEnter"];
  const inPlay = new Set([...arrows, ...enter, "KeyA", "KeyD", "KeyW", "KeyS", "KeyQ", "KeyX", "Space", "Escape", "F2", "F3"]);
  const delay = "-−[+=]*"; // letters, wherever a keyboard has them
  const onControl = new Set([...arrows, ...enter, "Space", "Escape", "F2"]);
  const inField = new Set(["ArrowUp", "ArrowDown", ...enter, "Escape"]);
  const elsewhere = new Set(["Escape"]);

  function keysOf(target) {
    if (target === canvas) return inPlay;
    if (target === document.body || target === at("controls")) return onControl;
    if (!at("controls").contains(target)) return null;
    if (typing(target)) return inField;
    const kind = parts.get(Number(target.closest("[data-id]")?.dataset.id))?.kind;
    return kind === "button" || kind === "choice" ? onControl : elsewhere;
  }

  function key(e) {
    if (!e.isTrusted || !canvas || !at("start").hidden) return;
    const keys = keysOf(e.target);
    if (!keys) return;
    const name = e.code || (e.key === " " ? "Space" : e.key);
    const letter = e.target === canvas && delay.includes(e.key);
    const plain = !e.ctrlKey && !e.altKey && !e.metaKey || letter && e.getModifierState("AltGraph");
    const composes = e.isComposing || e.keyCode === 229;
    // A key that goes up is told in any case: one must not stay down because of what was held with it.
    const taken = (keys.has(name) || letter) && !composes && (plain || e.type === "keyup");
    if (e.target === canvas) {
      if (!taken) e.stopImmediatePropagation(); // the program takes from the browser whatever reaches it
      return;
    }
    if (!taken) return;
    e.preventDefault();
    focused(e.target); // a browser whose window does not have the focus moves it without an event
    passing = true;
    canvas.dispatchEvent(new KeyboardEvent(e.type, e));
    passing = false;
  }
  for (const type of ["keydown", "keyup"]) window.addEventListener(type, key, true);
})();
