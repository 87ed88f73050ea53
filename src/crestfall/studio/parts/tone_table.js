const NAMES = ["frequency in Hz", "amplitude", "phase in rad"];
const TITLES = ["Frequency (Hz)", "Amplitude", "Phase (rad)"];

export function render({ model }) {
  const frame = document.createElement("div");
  frame.className = "tones";
  const table = document.createElement("table");
  const caption = document.createElement("caption");
  caption.textContent = "Tones. Paste rows of a spreadsheet into any cell.";
  const head = document.createElement("thead");
  head.innerHTML = `<tr>${TITLES.map((title) => `<th scope="col">${title}</th>`).join("")}<td></td></tr>`;
  const body = document.createElement("tbody");
  table.append(caption, head, body);
  const add = document.createElement("button");
  add.type = "button";
  add.className = "plain";
  add.textContent = "Add a tone";
  const note = document.createElement("p");
  note.className = "note";
  const error = document.createElement("p");
  error.className = "wrong";
  error.setAttribute("role", "alert");
  frame.append(note, table, error, add);

  const cells = () => [...body.rows].map((row) => [...row.querySelectorAll("input")].map((input) => input.value.trim()));
  const send = () => {
    const rows = cells().filter((row) => row.some((cell) => cell));
    model.send_msg(rows.map((row) => (row[2] ? row : row.slice(0, 2)).join("\t")).join("\n"));
  };
  const line = (values, number) => {
    const row = document.createElement("tr");
    NAMES.forEach((name, column) => {
      const input = document.createElement("input");
      input.inputMode = "decimal";
      input.autocomplete = "off";
      input.value = values[column] ?? "";
      input.setAttribute("aria-label", `Tone ${number}, ${name}`);
      input.addEventListener("change", send);
      input.addEventListener("paste", (event) => {
        const text = event.clipboardData.getData("text");
        if (!/[\t\n]/.test(text.trim())) return;
        event.preventDefault();
        model.send_msg(text);
      });
      row.insertCell().append(input);
    });
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "remove";
    remove.textContent = "×";
    remove.setAttribute("aria-label", `Remove tone ${number}`);
    remove.addEventListener("click", () => { row.remove(); send(); });
    row.insertCell().append(remove);
    return row;
  };
  const mark = () => {
    error.textContent = model.error;
    const found = model.error.match(/^tone (\d+): (frequency|amplitude|phase)/);
    [...body.rows].forEach((row, k) => row.querySelectorAll("input").forEach((input, column) => {
      const wrong = found && k + 1 === Number(found[1]) && NAMES[column].startsWith(found[2]);
      if (wrong) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
    }));
  };
  // In place, so that the cell that is being typed into keeps the focus.
  const show = () => {
    note.textContent = model.too_many
      ? `${model.too_many} tones are too many for a table of fields. Edit them under Text or Harmonics, or drop a file.`
      : "";
    table.hidden = add.hidden = model.too_many > 0;
    while (body.rows.length > model.rows.length) body.deleteRow(-1);
    model.rows.forEach((values, k) => {
      if (k >= body.rows.length) { body.append(line(values, k + 1)); return; }
      [...body.rows[k].querySelectorAll("input")].forEach((input, column) => { input.value = values[column] ?? ""; });
    });
    [...body.rows].forEach((row, k) => {
      row.querySelectorAll("input").forEach((input, c) => input.setAttribute("aria-label", `Tone ${k + 1}, ${NAMES[c]}`));
      row.querySelector("button").setAttribute("aria-label", `Remove tone ${k + 1}`);
    });
  };
  add.addEventListener("click", () => {
    const row = line(["", "1", ""], body.rows.length + 1);
    body.append(row);
    row.querySelector("input").focus();
  });
  model.on(["rows", "too_many"], show);
  model.on("error", mark);
  show();
  return frame;
}
