export function render({ model }) {
  const zone = document.createElement("div");
  zone.className = "dropzone";
  const label = document.createElement("label");
  label.textContent = model.label;
  const input = document.createElement("input");
  input.type = "file";
  input.accept = model.accept;
  label.append(input);
  const note = document.createElement("p");
  note.setAttribute("role", "status");
  zone.append(label, note);

  const take = (file) => {
    if (!file) return;
    const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(1) + " MiB";
    if (file.size > model.most_bytes) {
      note.className = "alarm";
      note.textContent = `The file has ${mebibytes(file.size)}; at most ${mebibytes(model.most_bytes)} are taken.`;
      return;
    }
    note.className = "";
    note.textContent = "";
    const reader = new FileReader();
    reader.onload = () => model.send_msg({ name: file.name, data: reader.result.split(",")[1] || "" });
    reader.onerror = () => { note.className = "alarm"; note.textContent = "The file cannot be read."; };
    reader.readAsDataURL(file);
  };
  input.addEventListener("change", () => { take(input.files[0]); input.value = ""; });
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    take(event.dataTransfer.files[0]);
  });
  return zone;
}
