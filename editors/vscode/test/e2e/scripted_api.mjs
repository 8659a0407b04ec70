// A Messages API that answers with a given thought and text, and a canary beside it that counts who comes. Loopback only.
import { createServer } from "node:http";

/**
 * `answer()` gives the next answer: `{thinking, text}`, and where wanted `pauseMs` between its pieces, its `usage`, or a `status` that is an error
 * with `retryAfter` seconds. Resolves to `{url, canary, visits, keys, close}`.
 */
export async function scriptedApi(answer) {
  const visits = [];
  const keys = [];
  const canary = createServer((request, response) => {
    visits.push(request.url);
    response.writeHead(200, { "access-control-allow-origin": "*" }).end("seen");
  });
  const api = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      if (request.method !== "POST") {
        response.writeHead(404, { "content-type": "application/json" }).end('{"type":"error","error":{"type":"not_found_error","message":"none"}}');
        return;
      }
      keys.push(request.headers["x-api-key"] ?? request.headers.authorization?.replace(/^Bearer /, ""));
      const wanted = answer();
      if (wanted.status !== undefined) {
        response.writeHead(wanted.status, { "content-type": "application/json", "retry-after": String(wanted.retryAfter) });
        response.end(JSON.stringify({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }));
        return;
      }
      response.writeHead(200, { "content-type": "text/event-stream" });
      void tell(response, stream(wanted), wanted.pauseMs);
    });
  });
  for (const server of [canary, api]) await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${api.address().port}`,
    canary: `http://127.0.0.1:${canary.address().port}`,
    visits,
    keys,
    close: () => [api, canary].forEach((server) => server.close()),
  };
}

async function tell(response, events, pauseMs) {
  for (const event of events) {
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    if (pauseMs !== undefined) await new Promise((next) => setTimeout(next, pauseMs));
  }
  response.end();
}

function* stream({ thinking, text, usage: figures }) {
  const usage = { input_tokens: 100, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, ...figures };
  yield { type: "message_start", message: { id: "msg_1", type: "message", role: "assistant", model: "claude-sonnet-5-5", content: [], stop_reason: null, stop_sequence: null, usage } };
  yield { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "", signature: "" } };
  for (const piece of pieces(thinking)) yield { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: piece } };
  yield { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "c2lnbmF0dXJl" } };
  yield { type: "content_block_stop", index: 0 };
  yield { type: "content_block_start", index: 1, content_block: { type: "text", text: "" } };
  for (const piece of pieces(text)) yield { type: "content_block_delta", index: 1, delta: { type: "text_delta", text: piece } };
  yield { type: "content_block_stop", index: 1 };
  yield { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 500 } };
  yield { type: "message_stop" };
}

const pieces = (text) => text.match(/[^]{1,23}/g) ?? [];
