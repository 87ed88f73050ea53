// Plays samples over and over, with ramps in the place of clicks.
export function render({ model }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain sound";
  let context = null, source = null, gain = null;
  const show = () => {
    button.textContent = source ? "Stop the sound" : "Play through the loudspeaker";
    button.setAttribute("aria-pressed", String(Boolean(source)));
    button.disabled = model.disabled && !source;
  };
  const stop = () => {
    if (!source) return;
    gain.gain.linearRampToValueAtTime(0, context.currentTime + 0.05);
    source.stop(context.currentTime + 0.06);
    source = null;
    show();
  };
  button.addEventListener("click", () => {
    if (source) { stop(); return; }
    context ??= new AudioContext();
    context.resume();
    model.send_msg("play");
  });
  model.on("msg:custom", ({ rate, data }) => {
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const samples = Float32Array.from(new Int16Array(bytes.buffer), (value) => value / 32768);
    const buffer = context.createBuffer(1, samples.length, rate);
    buffer.copyToChannel(samples, 0);
    stop();
    gain = context.createGain();
    gain.gain.setValueAtTime(0, context.currentTime);
    gain.gain.linearRampToValueAtTime(1, context.currentTime + 0.1);
    source = context.createBufferSource();
    source.buffer = buffer;
    source.loop = true;
    source.connect(gain).connect(context.destination);
    source.start();
    show();
  });
  model.on("disabled", show);
  model.on("remove", stop);
  show();
  return button;
}
