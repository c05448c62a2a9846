// A rate far from the ordered one, or a line as large as the bag, is asked about again: the tick for it stands there once such a number is
// typed. The server judges; without scripts the tick always stands there.
for (const label of document.querySelectorAll("label.sure")) {
  const { lowest, highest, reaches } = label.dataset, { rate_ml_per_h: rate, volume_ml: volume } = label.closest("form").elements;
  const field = reaches ? volume : rate, tick = label.querySelector("input");
  const look = () => {
    const value = Number(field.value.trim().replace(",", ".")), far = value > 0 && (reaches ? value >= Number(reaches) : value < Number(lowest) || value > Number(highest));
    label.classList.toggle("far", far);
    if (!far) tick.checked = false;
  };
  field.addEventListener("input", look);
  if (field.value) look();
}
