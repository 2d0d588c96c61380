import { $, text } from "../../core/dom.js";
import { gettext, say } from "../../core/i18n.js";
import { other } from "./haggle.js";

const FORGOTTEN = 6000;

/** Whether the other side is there, and whether it is writing. */
export class Presence {
  constructor(root, view) {
    this.root = root;
    this.view = view;
    this.line = $("[data-typing]", root);
  }

  show() {
    const online = Boolean(this.view.snapshot.online?.[other(this.view.side)]);
    $("[data-dot]", this.root).classList.toggle("dot--on", online);
    text($("[data-online]", this.root), online ? gettext("online") : gettext("away"));
  }

  typing({ actor, typing }) {
    if (actor === this.view.side) return;
    clearTimeout(this.timer);
    const name = this.view.snapshot[actor].name;
    text(this.line, typing ? say("%(name)s is writing…", { name }) : "");
    if (typing) this.timer = setTimeout(() => text(this.line, ""), FORGOTTEN);
  }
}
