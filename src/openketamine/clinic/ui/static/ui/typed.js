// What somebody has typed or chosen in a form and not sent: no page is loaded anew over it.
export function altered(field) {
  if (field.type === "hidden" || !field.name) return false;
  if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (!field.options) return "defaultValue" in field && field.value !== field.defaultValue;
  const chosen = [...field.options].filter((one) => one.defaultSelected).pop() || (field.multiple ? null : field.options[0]);
  return field.value !== (chosen ? chosen.value : "");
}

export const typed = () => [...document.querySelectorAll("main form[method=post]")].some((form) => [...form.elements].some(altered));
