// The problem in the address: packed, or where it is too long for that, a key to it in the browser's storage.
const STORED = "crestfall-problem-", MOST = 12;

const store = (key, text) => {
  try {
    const old = Object.keys(localStorage).filter((name) => name.startsWith(STORED) && name !== STORED + key);
    old.slice(0, Math.max(0, old.length - MOST)).forEach((name) => localStorage.removeItem(name));
    localStorage.setItem(STORED + key, text);
    return true;
  } catch { return false; }
};
const stored = (search) => {
  const key = new URLSearchParams(search).get("stored");
  if (key === null) return null;
  try { return localStorage.getItem(STORED + key) ?? ""; } catch { return ""; }
};

export function render({ model }) {
  const link = document.createElement("a");
  link.className = "link";
  let first = true, quiet = false;
  const show = () => {
    const short = !model.key;
    const query = short ? model.query : store(model.key, model.text) ? `?stored=${model.key}` : "";
    link.textContent = short ? "Copy the link" : "Too long for a link; kept in this browser";
    if (short) link.href = query;
    else link.removeAttribute("href");
    const address = window.location.pathname + query;
    if (address !== window.location.pathname + window.location.search && !quiet)
      window.history[first ? "replaceState" : "pushState"](null, "", address);
    first = quiet = false;
  };
  link.addEventListener("click", async (event) => {
    if (!navigator.clipboard || !link.href) return;
    event.preventDefault();
    try {
      await navigator.clipboard.writeText(link.href);
      link.textContent = "Copied";
    } catch {
      window.location.assign(link.href);
    }
  });
  const tell = () => {
    const text = stored(window.location.search);
    quiet = true;  // the address is right already
    model.send_msg({ search: window.location.search, text });
  };
  const back = () => tell();
  window.addEventListener("popstate", back);
  model.on("remove", () => window.removeEventListener("popstate", back));
  model.on("version", show);
  model.on("msg:custom", () => { quiet = false; show(); });
  if (stored(window.location.search) !== null) { first = false; tell(); }
  else show();
  return link;
}
