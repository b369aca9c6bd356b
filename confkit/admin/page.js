"use strict";

// What the page does beyond showing what the server rendered. Every text goes through textContent.

const $ = (id) => document.getElementById(id);

function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.filter((one) => one != null));
  return made;
}

async function ask(method, path, body, headers = {}) {
  const sent = { Accept: "application/json", ...headers };
  if (body !== undefined && !sent["Content-Type"]) sent["Content-Type"] = "application/json";
  const data = body === undefined ? undefined : JSON.stringify(body);
  let found;
  try {
    found = await fetch(path, { method, headers: sent, body: data, cache: "no-store" });
  } catch {
    throw new Error("the server gave no answer");
  }
  const value = found.status === 204 || found.status === 304 ? null : await found.json();
  if (!found.ok) {
    const listed = (value.errors || []).map((one) => `${one.pointer || "all"}: ${one.detail}`);
    throw new Error([value.detail || value.title, ...listed].join("\n"));
  }
  return { value, etag: found.headers.get("ETag") };
}

function say(place, text, kind = "") {
  place.className = `message ${kind}`;
  place.textContent = text;
}

const flagPath = (name) => `feature-flags/${encodeURIComponent(name)}`;
const withReason = (path, reason) => `${path}?reason=${encodeURIComponent(reason)}`;

// -- searching the tables

function searching(input, rows, found, what) {
  if (!input) return;
  const look = () => {
    const wanted = input.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      row.hidden = Boolean(wanted) && !row.textContent.toLowerCase().includes(wanted);
      shown += row.hidden ? 0 : 1;
    }
    found.textContent = `${shown} of ${rows.length} ${what}`;
  };
  input.addEventListener("input", look);
  look();
}

// -- one flag

let opened = null;

async function openFlag(name) {
  const panel = $("flag");
  try {
    const [flag, past] = await Promise.all([
      ask("GET", flagPath(name)),
      ask("GET", `${flagPath(name)}/history?limit=20`),
    ]);
    opened = { name, flag: flag.value, etag: flag.etag };
    for (const row of document.querySelectorAll("#flags tbody tr")) {
      if (row.dataset.name === name) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
    panel.replaceChildren(
      el("h3", { tabindex: "-1", id: "flag-title" }, "Flag ", el("code", {}, name)),
      el("div", { class: "cols" },
        el("div", {}, ...ramp(), ...trace()),
        el("div", {}, el("h3", {}, "Rule"), rule(flag.value), ...history(past.value))),
    );
    panel.hidden = false;
    $("flag-title").focus();
  } catch (error) {
    panel.hidden = false;
    panel.replaceChildren(el("p", { class: "bad", role: "alert" }, error.message));
  }
}

const rule = (value) => el("pre", {}, JSON.stringify(value, null, 2));

function ramp() {
  if (!document.body.dataset.changes) return [];
  const { flag } = opened;
  const enabled = el("input", { type: "checkbox", id: "ramp-on", checked: flag.enabled === true });
  // Without a percentage a flag is on for those on its list, and without a list for everybody.
  const now = flag.percentage ?? (flag.allow_count === undefined ? 100 : 0);
  const number = el("input", {
    type: "number", id: "ramp-number", min: "0", max: "100", step: "0.001", value: String(now) });
  const range = el("input", {
    type: "range", min: "0", max: "100", step: "1", value: String(now), "aria-label": "Percentage" });
  const reason = el("input", { type: "text", id: "ramp-reason", maxlength: "200" });
  const numbers = el("div", { "aria-live": "polite" });
  const message = el("p", { class: "message", role: "status" });
  const button = el("button", { type: "submit", class: "main", disabled: true }, "Change the flag");
  const body = () => {
    const wanted = { enabled: enabled.checked };
    if (Number(number.value) !== now || flag.percentage !== undefined) {
      wanted.percentage = Number(number.value);
    }
    return wanted;
  };
  let timer = 0, turn = 0;
  const preview = () => {
    button.disabled = true;
    clearTimeout(timer);
    if (!number.value || !number.validity.valid) {
      turn += 1;
      numbers.replaceChildren();
      say(message, "The percentage is from 0 to 100, in steps of 0.001.", "bad");
      return;
    }
    timer = setTimeout(async () => {
      const mine = ++turn;
      try {
        const found = await ask("POST", `${flagPath(opened.name)}?dry_run=1`, body());
        if (mine !== turn) return;
        numbers.replaceChildren(...shownNumbers(found.value));
        const same = JSON.stringify(found.value.flag) === JSON.stringify(withoutFacts(flag));
        button.disabled = same;
        say(message, same ? "Nothing differs from what is there." : "");
      } catch (error) {
        if (mine !== turn) return;
        numbers.replaceChildren();
        say(message, error.message, "bad");
      }
    }, 300);
  };
  number.addEventListener("input", () => { range.value = number.value; preview(); });
  range.addEventListener("input", () => { number.value = range.value; preview(); });
  enabled.addEventListener("change", preview);
  const form = el("form", {
    onsubmit: async (event) => {
      event.preventDefault();
      button.disabled = true;
      try {
        const path = withReason(flagPath(opened.name), reason.value);
        await ask("POST", path, body(), { "If-Match": opened.etag });
        await refreshed(opened.name);
      } catch (error) {
        say(message, error.message, "bad");
      }
    } },
    el("div", { class: "row" }, enabled, el("label", { for: "ramp-on" }, "switched on"),
      el("label", { for: "ramp-number" }, "percentage"), number, range),
    numbers,
    el("label", { for: "ramp-reason" }, "Reason, for the history"), reason,
    el("div", { class: "row" }, button), message);
  preview();
  return [el("h3", {}, "Ramp"), form];
}

function withoutFacts(flag) {
  const { revision: _revision, error: _error, ...rest } = flag;
  return rest;
}

function shownNumbers({ widens, sample }) {
  if (!sample) return [el("p", {}, "The flag is deleted.")];
  const part = (kind) => el("span", { class: kind, "data-share": sample[kind] / (sample.units || 1) });
  const bar = el("div", { class: "bar", "aria-hidden": "true" },
    part("stay"), part("enter"), part("leave"));
  for (const one of bar.children) one.style.width = `${100 * Number(one.dataset.share)}%`;
  const named = { stay: "stay on", enter: "enter", leave: "leave", out: "stay off" };
  const list = el("dl", { class: "numbers" });
  for (const [kind, text] of Object.entries(named)) {
    list.append(el("div", {}, el("dt", {}, text), el("dd", {}, sample[kind].toLocaleString("en"))));
  }
  const units = sample.units.toLocaleString("en");
  const of = sample.synthetic ? `${units} made-up ids` : `${units} ids of the sample`;
  const assumed = sample.conditions_assumed ? ", conditions taken for true" : "";
  return [
    bar, list, el("p", { class: "dim" }, `Of ${of}${assumed}.`),
    widens.length
      ? el("p", { class: "warn" }, `More people may get it: ${widens.join("; ")}.`)
      : el("p", { class: "good" }, "Nobody gets it who did not have it."),
  ];
}

function trace() {
  const user = el("input", { type: "text", id: "trace-user" });
  const attributes = el("input", {
    type: "text", id: "trace-attributes", placeholder: '{"country": "DE"}' });
  const out = el("div", { "aria-live": "polite" });
  const form = el("form", {
    onsubmit: async (event) => {
      event.preventDefault();
      try {
        const context = attributes.value.trim() ? JSON.parse(attributes.value) : {};
        if (user.value) context.user_id = user.value;
        const { value } = await ask("POST", `${flagPath(opened.name)}/decision`, { context });
        out.replaceChildren(...decided(value));
      } catch (error) {
        const text = error instanceof SyntaxError ? "the attributes are no JSON object" : error.message;
        out.replaceChildren(el("p", { class: "bad" }, text));
      }
    } },
    el("label", { for: "trace-user" }, "User id"), user,
    el("label", { for: "trace-attributes" }, "Other attributes, as JSON"), attributes,
    el("div", { class: "row" }, el("button", { type: "submit" }, "Show why")), out);
  return [el("h3", {}, "Why for one user?"), form];
}

function decided(value) {
  const state = value.value ? "on" : "off";
  const variant = value.variant ? `, variant ${value.variant}` : "";
  const made = [
    el("p", {}, el("b", { class: value.value ? "good" : "bad" }, `${state}${variant}`),
      ` — ${value.detail || value.reason}`),
  ];
  if (value.trace) {
    made.push(el("ol", {}, ...value.trace.map((step) => el("li", {}, step))));
  }
  return made;
}

function history(past) {
  const made = [el("h3", {}, "History")];
  const list = el("ol", { class: "history" });
  const message = el("p", { class: "message", role: "status" });
  past.forEach((one, place) => {
    const line = el("li", {},
      el("b", {}, `revision ${one.revision}`), ` by ${one.by || "nobody named"}, ${one.at.slice(0, 16)} `,
      one.reason ? el("span", { class: "dim" }, one.reason) : null,
      one.new === null ? el("p", { class: "bad" }, "deleted") : el("details", {},
        el("summary", {}, "rule"), rule(one.new)));
    if (document.body.dataset.changes && place > 0) {
      line.append(back(
        `Bring back revision ${one.revision}`, message,
        (dry) => ask("POST", `${flagPath(opened.name)}/rollback${dry ? "?dry_run=1" : ""}`,
          { revision: one.revision }, { "If-Match": opened.etag }),
        (value) => shownNumbers(value), () => refreshed(opened.name)));
    }
    list.append(line);
  });
  made.push(list, message);
  return made;
}

// A button that shows what would change, and beside it the one that does it.
function back(text, message, send, show, after) {
  const place = el("div", { "aria-live": "polite" });
  const button = el("button", {
    type: "button",
    onclick: async () => {
      try {
        const { value } = await send(true);
        const really = el("button", {
          type: "button", class: "main",
          onclick: async () => {
            really.disabled = true;
            try {
              await send(false);
              await after();
            } catch (error) {
              say(message, error.message, "bad");
            }
          } }, text);
        place.replaceChildren(...show(value), really);
        really.focus();
      } catch (error) {
        say(message, error.message, "bad");
      }
    } }, `${text}…`);
  return el("div", {}, button, place);
}

async function refreshed(name) {
  const { value } = await ask("GET", "feature-flags");
  const row = [...document.querySelectorAll("#flags tbody tr")].find((one) => one.dataset.name === name);
  const flag = value[name];
  if (row && flag) {
    row.cells[1].textContent = stateOf(flag);
    row.cells[row.cells.length - 1].textContent = flag.revision;
  }
  await openFlag(name);
  say(document.querySelector("#flag .message"), "Changed.", "good");
}

function stateOf(flag) {
  if (!flag.enabled) return "off";
  return flag.percentage === undefined ? "on" : `on, ${flag.percentage} %`;
}

// -- the configuration

function changed(changes) {
  if (!changes.length) return [el("p", {}, "Nothing changes.")];
  const rows = changes.map((one) => el("tr", {},
    el("th", { scope: "row", class: "key" }, one.key),
    el("td", { "data-of": "now" }, one.old ?? "nothing"),
    el("td", { "data-of": "then" }, one.new ?? "nothing")));
  return [el("div", { class: "table" }, el("table", {},
    el("thead", {}, el("tr", {}, ...["key", "now", "then"].map((one) => el("th", { scope: "col" }, one)))),
    el("tbody", {}, ...rows)))];
}

function nested(key, value) {
  const path = [...key.matchAll(/"((?:[^"\\]|\\.)*)"|([^."]+)/g)].map((one) => one[1] ?? one[2]);
  return path.reduceRight((inner, name) => ({ [name]: inner }), value);
}

function settings() {
  const form = $("set");
  if (!form) return;
  const [key, value, reason] = [$("set-key"), $("set-value"), $("set-reason")];
  const [out, message, button] = [$("set-out"), $("set-message"), $("set-write")];
  let etag = null;
  const body = () => {
    const text = value.value.trim();
    let found = null; // an empty field takes the key out of the file
    if (text) {
      try { found = JSON.parse(text); } catch { found = value.value; }
    }
    return nested(key.value, found);
  };
  const merge = { "Content-Type": "application/merge-patch+json" };
  for (const one of [key, value]) {
    one.addEventListener("input", () => { button.disabled = true; out.replaceChildren(); });
  }
  $("set-show").addEventListener("click", async () => {
    try {
      const found = await ask("GET", "config");
      etag = found.etag;
      const { value: outcome } = await ask(
        "PATCH", "config?dry_run=1", body(), { ...merge, "If-Match": etag });
      out.replaceChildren(...changed(outcome.changes));
      button.disabled = !outcome.changes.length;
      say(message, "");
    } catch (error) {
      button.disabled = true;
      say(message, error.message, "bad");
    }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await ask("PATCH", withReason("config", reason.value), body(), { ...merge, "If-Match": etag });
      location.reload();
    } catch (error) {
      say(message, error.message, "bad");
    }
  });
}

function versions() {
  const message = $("version-message");
  for (const place of document.querySelectorAll("[data-version]")) {
    const body = { version: Number(place.dataset.version), etag: place.dataset.etag };
    place.append(back(
      `Bring back version ${body.version}`, message,
      (dry) => ask("POST", `config/rollback${dry ? "?dry_run=1" : ""}`, body),
      (value) => changed(value.changes), () => location.reload()));
  }
}

// -- signing in and out

function session() {
  const out = $("sign-out");
  if (out) {
    out.addEventListener("submit", async (event) => {
      event.preventDefault();
      await ask("DELETE", "session");
      location.reload();
    });
  }
  const form = $("sign-in");
  if (form) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        await ask("POST", "session", undefined, { Authorization: `Bearer ${$("token").value}` });
        location.reload();
      } catch (error) {
        say($("sign-in-message"), error.message, "bad");
      }
    });
  }
}

for (const row of document.querySelectorAll("#flags tbody tr")) {
  row.querySelector("button").addEventListener("click", () => openFlag(row.dataset.name));
}
searching($("flag-search"), document.querySelectorAll("#flags tbody tr"), $("flags-found"), "flags");
searching($("key-search"), document.querySelectorAll("#config tbody tr"), $("keys-found"), "keys");
settings();
versions();
session();
