// The few lines HTML and htmx cannot say. Every page works without them.
(function () {
  "use strict";
  const root = document.documentElement;
  const one = (selector, within) => (within || document).querySelector(selector);
  const all = (selector, within) => (within || document).querySelectorAll(selector);
  const shield = document.getElementById("accounts-shield");

  // An error summary takes the focus, so that a screen reader hears it first and the eye lands on it.
  function meetErrors(within) {
    const summary = within.matches && within.matches("[data-error-summary]") ? within : one("[data-error-summary]", within);
    if (summary) summary.focus();
    return Boolean(summary);
  }
  // Its links must bring the field's label into view too, not only the field.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".govuk-error-summary a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    (field.closest(".govuk-form-group") || field).scrollIntoView({ block: "start" });
    field.focus({ preventScroll: true });
  });

  // A scanner types into whatever has the focus: on desks that live by it, focus comes home unless a person is typing.
  const home = () => one("[data-autofocus-always]");
  const busy = (element) => element && element !== document.body &&
    element.matches("input, select, textarea, button, a, summary, [contenteditable]");
  function goHome() {
    const field = home();
    if (field && !busy(document.activeElement) && !one("[data-error-summary]")) field.focus({ preventScroll: true });
  }
  document.addEventListener("focusout", () => setTimeout(goHome, 50));
  document.addEventListener("keydown", (event) => {
    const field = home();
    if (field && event.key === "Escape") { field.focus(); field.select(); }
    hotkey(event, field);
  });
  // Desks work with the keys printed beside their buttons: F2 is the code field, data-hotkey names the others.
  function hotkey(event, field) {
    if (!/^F\d$/.test(event.key) || shield.open || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const target = one("[data-hotkey='" + event.key + "']") || (event.key === "F2" && field);
    if (!target) return;
    event.preventDefault();
    if (target.matches("input:not([type=submit]), textarea, select")) { target.focus(); if (target.select) target.select(); }
    else target.click();
  }

  // htmx: token in every request, focus kept across a swap, failures said aloud.
  let held = null;
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = one("meta[name=csrf-token]").content;
    if (event.detail.verb !== "get") return;
    // Marks of a form are for its sending: in an address they would stand in logs.
    ["csrf_token", "form_owner", "idempotency_key"].forEach((name) => event.detail.parameters.delete(name));
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    // A poll finds the desk still locked: the shield stands already, and somebody may be typing in it.
    if (event.detail.target === shield && shield.open && !shield.contains(event.detail.requestConfig.elt)) event.detail.shouldSwap = false;
    const focus = document.activeElement;
    held = focus && focus.id && event.detail.target.contains(focus) ? focus.id : null;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    dress(event.detail.elt);
    if (shield.hasChildNodes() && !shield.open) shield.showModal();
    if (meetErrors(event.detail.elt)) return;
    const again = held && document.getElementById(held);
    if (again && document.activeElement !== again) again.focus({ preventScroll: true });
    held = null;
    goHome();
  });
  const alarm = (kind) => say((document.getElementById("mc-alert") || document.body).dataset[kind]);
  function say(text, stays) {
    const box = one("[data-say]", shield) || document.getElementById("mc-alert");
    if (!box || box.textContent === text) return;
    box.textContent = text;
    box.classList.toggle("stays", Boolean(stays));
    if (!stays) setTimeout(() => { if (box.textContent === text) box.textContent = ""; }, 8000);
  }
  // A page that asks by itself is never replaced: it is covered, or told that nobody is signed in, until it is answered again.
  document.addEventListener("told", (event) => say(event.detail.value));
  document.addEventListener("ended", (event) => say(event.detail.value, true));
  document.addEventListener("unlocked", lift);
  document.addEventListener("htmx:afterRequest", (event) => {
    const { requestConfig: request, xhr } = event.detail;
    if (request.verb !== "get" || xhr.status < 200 || xhr.status > 299) return;
    lift();
    all(".mc-alert.stays").forEach((box) => { box.textContent = ""; });
  });
  function lift() {
    if (shield.open) shield.close();
    shield.replaceChildren();
  }
  // Escape does not lift it: some browsers let a second press through, so it is put up again.
  shield.addEventListener("cancel", (event) => event.preventDefault());
  shield.addEventListener("close", () => { if (shield.hasChildNodes()) shield.showModal(); });
  document.addEventListener("htmx:sendError", () => alarm("offline"));
  document.addEventListener("htmx:responseError", () => alarm("failed"));

  // Files that were chosen for another form of the page would be lost with it: said once, before it is sent.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-after-files]");
    if (!form || form.dataset.warned) return;
    const chosen = Array.from(all("input[data-files]")).find((input) => input.files.length);
    if (!chosen) return;
    event.preventDefault();
    form.dataset.warned = "1";
    say(form.dataset.afterFiles);
    chosen.focus();
  }, true);

  // One press, one sending. The button is marked, never disabled: a disabled button would not send its value.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-once]");
    if (!form || event.defaultPrevented || form.matches("[data-hx-post]")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    if (event.submitter) event.submitter.classList.add("is-sending");
    setTimeout(() => release(form), 6000); // an answer that is a download leaves this page standing
  });
  function release(form) {
    delete form.dataset.sent;
    all(".is-sending", form).forEach((button) => button.classList.remove("is-sending"));
  }
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach(release));

  // Text size and contrast change at once and are kept in the background, so that nothing typed is lost.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-display]");
    if (!form || !event.submitter) return;
    event.preventDefault();
    const body = new FormData(form);
    const pressed = event.submitter;
    body.append(pressed.name, pressed.value);
    if (pressed.name === "size") {
      root.classList.remove("size-small", "size-normal", "size-large");
      root.classList.add("size-" + pressed.value);
      all("button[name=size]", form).forEach((b) => b.setAttribute("aria-pressed", String(b === pressed)));
    } else {
      const high = root.classList.toggle("contrast-high", pressed.value === "1");
      pressed.value = high ? "0" : "1";
      pressed.textContent = high ? pressed.dataset.less : pressed.dataset.more;
    }
    fetch(form.action, { method: "POST", body, redirect: "manual", credentials: "same-origin" }).catch(() => alarm("offline"));
  });

  // Files just chosen, each with its size, and in red when the limit said above them is passed.
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!input.matches("input[data-files]")) return;
    const list = one("[data-files-of='" + input.id + "']");
    const limit = Number(input.dataset.maxBytes || 0);
    list.replaceChildren(...Array.from(input.files, (file) => {
      const line = document.createElement("li");
      if (file.type.startsWith("image/")) line.append(picture(file));
      const size = (file.size / 1048576).toLocaleString("vi", { maximumFractionDigits: 1, minimumFractionDigits: 1 });
      line.append(file.name + " – " + size + " MB");
      if (limit && file.size > limit) {
        line.className = "mc-files__toobig";
        line.append(" – " + (input.dataset.tooBig || ""));
      }
      return line;
    }));
    list.hidden = input.files.length === 0;
  });

  function picture(file) {
    const image = document.createElement("img");
    image.alt = "";
    image.className = "mc-files__picture";
    image.onload = () => URL.revokeObjectURL(image.src);
    image.onerror = () => image.remove(); // a kind this browser cannot draw, HEIC for one
    image.src = URL.createObjectURL(file);
    return image;
  }

  // What only one answer asks for is shown with that answer.
  function showConditional(within) {
    all("[data-when]", within).forEach((part) => { part.hidden = !document.getElementById(part.dataset.when).checked; });
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("[type=radio], [type=checkbox]")) showConditional(document);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
    all("details[data-menu][open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && one("details[data-menu][open]");
    if (menu) { menu.open = false; one("summary", menu).focus(); }
  });

  function dress(within) {
    all("[data-print][hidden]", within).forEach((button) => { button.hidden = false; });
    showConditional(within);
  }
  dress(document);
  // A wrong code stays to be read, but the next scan must not land in the middle of it.
  if (home() && home().value) home().select();
  if (!meetErrors(document)) goHome();
})();
