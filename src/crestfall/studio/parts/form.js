// Fields in one shadow tree, so that label, help and message can refer to each other.
const make = (tag, properties, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

// A visitor at the keyboard sees the help of the field that Tab leads to; others press the question mark.
const helpFor = (spec, input) => {
  const tip = make("span", { className: "tip", id: `help-${spec.name}`, textContent: spec.help, hidden: true });
  tip.setAttribute("role", "tooltip");
  const mark = make("span", { className: "mark", textContent: "?" });
  const hide = () => {
    tip.hidden = true;
    document.removeEventListener("pointerdown", elsewhere);
  };
  const elsewhere = (event) => { if (!event.composedPath().includes(mark)) hide(); };
  const reveal = () => {
    // Only while the help is shown, or each display of the page would leave a listener behind.
    if (tip.hidden) document.addEventListener("pointerdown", elsewhere);
    tip.hidden = false;
    tip.style.left = "0";
    const over = tip.getBoundingClientRect().right - tip.closest(".fields").getBoundingClientRect().right;
    if (over > 0) tip.style.left = `${-over}px`;
  };
  mark.setAttribute("aria-hidden", "true");
  mark.addEventListener("mouseenter", reveal);
  mark.addEventListener("mouseleave", hide);
  mark.addEventListener("click", reveal);
  input.addEventListener("keyup", (event) => { if (event.key === "Tab") reveal(); });
  input.addEventListener("keydown", hide);
  input.addEventListener("blur", hide);
  return [mark, tip];
};

const inputOf = (spec) => {
  if (spec.options.length) {
    const options = spec.options.map(([value, textContent]) => make("option", { value, textContent }));
    return make("select", {}, ...options);
  }
  if (spec.kind === "area") return make("textarea", { rows: 14, spellcheck: false, maxLength: spec.longest });
  if (spec.kind === "check") return make("input", { type: "checkbox" });
  return make("input", { type: "text", autocomplete: "off", spellcheck: false, placeholder: spec.placeholder, maxLength: spec.longest });
};

const fieldOf = (spec, send) => {
  const input = inputOf(spec), isCheck = spec.kind === "check";
  input.id = `field-${spec.name}`;
  const label = make("label", { htmlFor: input.id, textContent: spec.label });
  const error = make("span", { className: "wrong", id: `error-${spec.name}` });
  error.setAttribute("role", "alert");
  const [mark, tip] = spec.help ? helpFor(spec, input) : ["", ""];
  const head = make("div", { className: "head" }, ...(isCheck ? [input] : []), label, mark);
  const box = make("div", { className: `field ${spec.half ? "half" : ""}` }, head, ...(isCheck ? [] : [input]), error, tip);
  const read = () => (isCheck ? (input.checked ? "yes" : "") : input.value);
  let known = null, said = "";
  const report = (entered) => {
    const value = read();
    if (value !== known || entered) send({ name: spec.name, value, entered });
    known = value;
  };
  input.addEventListener("change", () => report(false));
  if (spec.kind === "text") input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) report(true);
  });
  // What is being typed stays, unless the page has something new to show here.
  const show = ([value, message]) => {
    if (value !== known) {
      if (isCheck) input.checked = value === "yes"; else input.value = value;
      known = value;
    }
    if (message !== said) error.replaceChildren(...(message ? [make("span", { className: "visually-hidden", textContent: `${spec.label}: ` }), message] : []));
    said = message;
    if (message) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
    const described = [message ? error.id : "", spec.help ? `help-${spec.name}` : ""].filter(Boolean).join(" ");
    if (described) input.setAttribute("aria-describedby", described);
  };
  return { box, show };
};

export function render({ model }) {
  const fields = Object.fromEntries(model.specs.map((spec) => [spec.name, fieldOf(spec, (message) => model.send_msg(message))]));
  const show = () => Object.entries(model.state).forEach(([name, state]) => fields[name]?.show(state));
  model.on("state", show);
  show();
  return make("div", { className: "fields" }, ...Object.values(fields).map((field) => field.box));
}
