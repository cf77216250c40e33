/** Who the hub says sits at this browser: the only request that goes elsewhere than to the kernel. */

const PATIENCE = 3000;

/** A server without a hub makes up a name for each browser. */
const MADE_UP = /^(?:Anonymous |[0-9a-f]{32}$|$)/;

/** The address of the Jupyter server, as it writes it into its pages. */
function baseUrl(): string {
  const config = document.getElementById("jupyter-config-data")?.textContent;
  return (config ? (JSON.parse(config) as { baseUrl?: string }).baseUrl : document.body.dataset.baseUrl) ?? "/";
}

/** The person's name; null if nobody here knows it. */
export async function personOfHub(): Promise<string | null> {
  try {
    const reply = await fetch(`${baseUrl()}api/me`, {
      headers: { "X-XSRFToken": /\b_xsrf=([^;]*)\b/.exec(document.cookie)?.[1] ?? "" },
      mode: "same-origin",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
    const { username, name } = ((await reply.json()) as Me).identity;
    return reply.ok && !MADE_UP.test(name) && !MADE_UP.test(username) ? username : null;
  } catch {
    return null;
  }
}

interface Me {
  readonly identity: { readonly username: string; readonly name: string };
}
