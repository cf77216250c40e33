/** A conversation: who said what, in turn. */

import { Markdown } from "../ui/markdown";
import "./chat.css";
import type { FieldModule, FieldProps } from "./module";

interface Turn {
  readonly role: string;
  readonly content: string;
}

interface Conversation {
  readonly turns: readonly Turn[];
  readonly markdown: boolean;
}

/** More characters than this scroll in a box of their own. */
const LONG = 1500;

/** Roles that have a side and a colour of their own; every role is named. */
const KNOWN = ["user", "assistant", "system", "tool"];

function ChatView({ value, name, title }: FieldProps) {
  const { turns, markdown } = (value ?? { turns: [], markdown: false }) as Conversation;
  const long = turns.reduce((sum, { content }) => sum + content.length, 0) > LONG;
  return (
    <ol class={`ja-chat${long ? " ja-scrolls" : ""}`} aria-label={title ?? name} {...(long ? { tabIndex: 0 } : {})}>
      {turns.map(({ role, content }, index) => (
        <li key={index} class={`ja-chat-turn ja-chat-turn--${KNOWN.includes(role) ? role : "other"}`}>
          <p class="ja-chat-role">{role}</p>
          <div class={`ja-chat-content${markdown ? " ja-prose" : ""}`} dir="auto">
            {markdown ? <Markdown source={content} /> : content}
          </div>
        </li>
      ))}
    </ol>
  );
}

export const chat: FieldModule = { kind: "chat", View: ChatView };
