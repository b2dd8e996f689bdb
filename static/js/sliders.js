// Number fields marked data-slider become sliders with their value beside them.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  for (const field of document.querySelectorAll("input[data-slider]")) {
    const told = document.createElement("output");
    told.htmlFor = field.id;
    told.textContent = field.value;
    field.type = "range";
    field.classList.remove("utrecht-textbox", "utrecht-textbox--html-input", "lb-narrow");
    field.after(told);
    field.addEventListener("input", () => { told.textContent = field.value; });
  }
});
