// Designs are kept by the browser across reloads, and what a running search has found by the window.
const KEPT = "crestfall-designs", RUNNING = "crestfall-running", MOST = 24;

const read = (storage, key, otherwise) => {
  try { return JSON.parse(storage.getItem(key)) ?? otherwise; } catch { return otherwise; }
};
const kept = () => { const list = read(localStorage, KEPT, []); return Array.isArray(list) ? list : []; };
const keep = (list) => {
  list = list.slice(-MOST);
  for (;;) {
    try { localStorage.setItem(KEPT, JSON.stringify(list)); return; } catch {
      if (!list.length) return;
      list = list.slice(1);  // the storage is full, or there is none
    }
  }
};

export function render({ model }) {
  const frame = document.createElement("div");
  frame.className = "designs";
  const note = document.createElement("p");
  note.className = "note";
  note.textContent = "Nothing yet: what a search finds is kept here, in this browser, until you remove it.";
  const list = document.createElement("ul");
  list.setAttribute("aria-label", "Finished designs");
  frame.append(note, list);

  const button = (text, label, kind, id) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "plain";
    made.textContent = text;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", () => model.send_msg({ kind, id }));
    return made;
  };
  const show = () => {
    note.hidden = model.rows.length > 0;
    list.replaceChildren(...model.rows.map(([id, name, text]) => {
      const row = document.createElement("li");
      const input = document.createElement("input");
      input.value = name;
      input.maxLength = 80;
      input.setAttribute("aria-label", `Name of ${name}`);
      input.addEventListener("change", () => model.send_msg({ kind: "rename", id, name: input.value }));
      const about = document.createElement("span");
      about.className = "note";
      about.textContent = text;
      const buttons = document.createElement("span");
      buttons.className = "buttons";
      buttons.append(
        button("Restore", `Restore ${name}`, "restore", id),
        button("Compare", `Compare ${name}`, "compare", id),
        button("Save", `Save ${name}`, "save", id),
        button("Remove", `Remove ${name}`, "remove", id),
      );
      row.append(input, about, buttons);
      return row;
    }));
  };
  model.on("rows", show);
  model.on("msg:custom", ({ kind, entry, id }) => {
    if (kind === "keep") {
      const others = kept().filter((each) => each.id !== entry.id);
      keep([...others, entry]);
    }
    if (kind === "remove") keep(kept().filter((each) => each.id !== id));
    try {
      if (kind === "running") sessionStorage.setItem(RUNNING, JSON.stringify(entry));
      if (kind === "rest") sessionStorage.removeItem(RUNNING);
    } catch { /* a window without storage keeps what it shows */ }
  });
  const warn = (event) => { if (model.searching) event.preventDefault(); };
  window.addEventListener("beforeunload", warn);
  model.on("remove", () => window.removeEventListener("beforeunload", warn));
  show();

  const unfinished = read(sessionStorage, RUNNING, null);
  if (unfinished) { keep([...kept().filter((each) => each.id !== unfinished.id), unfinished]); sessionStorage.removeItem(RUNNING); }
  if (kept().length) model.send_msg({ kind: "loaded", entries: kept() });
  return frame;
}
