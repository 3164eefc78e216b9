#include "near-free.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char json_type[] = "application/json";
static const char sse_type[] = "text/event-stream";

/* get_inventory's result object, per outcome that has one; the stateless kind begins with resultType. */
static Buffer inventory[2], inventory_broken[2], failed[2];
static Buffer body, framed;
static uint64_t sessions;

static void prepare(Buffer pair[2], const char *members) {
  buffer_format(&pair[0], "{");
  buffer_text(&pair[0], members);
  buffer_format(&pair[1], "{\"resultType\":\"complete\",");
  buffer_text(&pair[1], members);
}

void prepare_answers(void) {
  Buffer members = {0};
  buffer_text(&members, "\"content\":[{\"type\":\"text\",\"text\":\"{\\\"item_id\\\":\\\"ITEM001\\\",\\\"quantity\\\":42}");
  for (size_t length = 35; length < options.answer_bytes; length++) buffer_add(&members, " ", 1);
  buffer_text(&members, "\"}]");
  size_t end = members.end;
  if (options.structured) buffer_text(&members, ",\"structuredContent\":{\"item_id\":\"ITEM001\",\"quantity\":42}");
  buffer_add(&members, "}", 2);
  prepare(inventory, members.bytes);
  members.end = end;
  buffer_add(&members, ",\"structuredContent\":{\"item_id\":1}}", 36);
  prepare(inventory_broken, members.bytes);
  prepare(failed, "\"isError\":true,\"content\":[{\"type\":\"text\",\"text\":\"made to fail\"}]}");
  buffer_free(&members);
}

static void frame_http(Buffer *out, const Connection *c, const char *status, const char *extra, const char *type,
                       bool chunked) {
  char line[32];
  buffer_text(out, "HTTP/1.1 ");
  buffer_text(out, status);
  buffer_text(out, "\r\n");
  buffer_text(out, extra);
  if (c->close_after_answer) buffer_text(out, "Connection: close\r\n");
  if (type != NULL) {
    buffer_text(out, "Content-Type: ");
    buffer_text(out, type);
    buffer_text(out, "\r\n");
  }
  if (!chunked) {
    buffer_add(out, line, (size_t)snprintf(line, sizeof line, "Content-Length: %zu\r\n\r\n", body.end));
    buffer_add(out, body.bytes, body.end);
    return;
  }
  buffer_text(out, "Transfer-Encoding: chunked\r\n\r\n");
  /* Two chunks, so that a reader that expects one is found out. */
  size_t half = body.end / 2;
  if (half > 0) {
    buffer_add(out, line, (size_t)snprintf(line, sizeof line, "%zx\r\n", half));
    buffer_add(out, body.bytes, half);
    buffer_text(out, "\r\n");
  }
  buffer_add(out, line, (size_t)snprintf(line, sizeof line, "%zx\r\n", body.end - half));
  buffer_add(out, body.bytes + half, body.end - half);
  buffer_text(out, "\r\n0\r\n\r\n");
}

/* Sends `body` as a JSON-RPC answer. */
static void send_body(Connection *c, const char *status, const char *extra) {
  if (c->stdio) {
    buffer_add(&c->out, body.bytes, body.end);
    buffer_add(&c->out, "\n", 1);
    return;
  }
  if (options.sse && status[0] == '2') {
    static const char lead[] = "event: message\ndata: ";
    Buffer event = framed;
    event.start = event.end = 0;
    buffer_add(&event, lead, sizeof lead - 1);
    buffer_add(&event, body.bytes, body.end);
    buffer_add(&event, "\n\n", 2);
    framed = body;
    body = event;
    frame_http(&c->out, c, status, extra, sse_type, options.chunked);
  } else {
    frame_http(&c->out, c, status, extra, json_type, options.chunked);
  }
  if (c->close_after_answer) c->closing = true;
}

/* A message whose member `name` holds `value` followed by `rest`. */
static void build(Span id, const char *name, Span value, Span rest) {
  body.start = body.end = 0;
  buffer_text(&body, "{\"jsonrpc\":\"2.0\",");
  if (!options.id_last) {
    buffer_text(&body, "\"id\":");
    buffer_add(&body, id.at, id.length);
    buffer_add(&body, ",", 1);
  }
  buffer_text(&body, name);
  buffer_add(&body, value.at, value.length);
  buffer_add(&body, rest.at, rest.length);
  if (options.id_last) {
    buffer_text(&body, ",\"id\":");
    buffer_add(&body, id.at, id.length);
  }
  buffer_add(&body, "}", 1);
}

static Span of_text(const char *text) {
  return (Span){text, strlen(text)};
}

static const Span nothing = {"", 0};

void answer_plain(Connection *c, const char *status_and_headers, const char *type, const char *text) {
  body.start = body.end = 0;
  buffer_text(&body, text);
  frame_http(&c->out, c, status_and_headers, "", type, false);
  if (c->close_after_answer) c->closing = true;
}

void answer_result(Connection *c, Request request, const char *result) {
  static const char stateless[] = "{\"resultType\":\"complete\",\"ttlMs\":60000,\"cacheScope\":\"public\"";
  if (!request.stateless || strncmp(result, stateless, 13) == 0) {
    build(request.id, "\"result\":", of_text(result), nothing);
  } else {
    Buffer rest = {0};
    if (strcmp(result, "{}") != 0) buffer_text(&rest, ",");
    buffer_text(&rest, result + 1);
    build(request.id, "\"result\":", of_text(stateless), (Span){rest.bytes, rest.end});
    buffer_free(&rest);
  }
  send_body(c, "200 OK", "");
}

void answer_error(Connection *c, Span id, int status, int code, const char *message) {
  char text[256];
  int length = snprintf(text, sizeof text, "{\"code\":%d,\"message\":\"%s\"}", code, message);
  build(id, "\"error\":", (Span){text, (size_t)length}, nothing);
  send_body(c, status == 400 ? "400 Bad Request" : status == 404 ? "404 Not Found" : "200 OK", "");
}

void answer_initialize(Connection *c, Request request, Span version) {
  char result[256], extra[64] = "";
  Span agreed = known_version(version) ? version : (Span){"\"2025-11-25\"", 12};
  int length = snprintf(result, sizeof result,
                        "{\"protocolVersion\":%.*s,\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":"
                        "\"near-free\",\"version\":\"1.0.0\"}}",
                        (int)agreed.length, agreed.at);
  build(request.id, "\"result\":", (Span){result, (size_t)length}, nothing);
  counts.sessions_opened++;
  if (options.session && !c->stdio)
    snprintf(extra, sizeof extra, "Mcp-Session-Id: near-free-%llu\r\n", (unsigned long long)++sessions);
  send_body(c, "200 OK", extra);
}

static void answer_echo(const Call *call) {
  static Buffer result;
  result.start = result.end = 0;
  buffer_text(&result, call->request.stateless ? "{\"resultType\":\"complete\",\"content\":[{\"type\":\"text\",\"text\":"
                                               : "{\"content\":[{\"type\":\"text\",\"text\":");
  buffer_add(&result, call->message.at, call->message.length);
  buffer_text(&result, "}]}");
  build(call->request.id, "\"result\":", (Span){result.bytes, result.end}, nothing);
  send_body(call->connection, "200 OK", "");
}

static void answer_with(const Call *call, Span id, const Buffer *result) {
  build(id, "\"result\":", (Span){result->bytes, result->end}, nothing);
  send_body(call->connection, "200 OK", "");
}

void answer_call(const Call *call) {
  Connection *c = call->connection;
  Span id = call->request.id;
  int kind = call->request.stateless ? 1 : 0;
  switch (call->outcome) {
    case OUTCOME_OK:
      if (call->tool == TOOL_ECHO) answer_echo(call);
      else answer_with(call, id, &inventory[kind]);
      return;
    case OUTCOME_HTTP:
      answer_plain(c, "500 Internal Server Error", "text/plain", "made to fail\n");
      return;
    case OUTCOME_THROTTLE:
      answer_plain(c, "429 Too Many Requests\r\nRetry-After: 1", "text/plain", "made to throttle\n");
      return;
    case OUTCOME_GARBAGE:
      body.start = body.end = 0;
      buffer_text(&body, "this is {not JSON");
      send_body(c, "200 OK", "");
      return;
    case OUTCOME_RPC:
      answer_error(c, id, 200, -32603, "made to fail");
      return;
    case OUTCOME_TOOL:
      answer_with(call, id, &failed[kind]);
      return;
    case OUTCOME_SCHEMA:
      answer_with(call, id, &inventory_broken[kind]);
      return;
    case OUTCOME_WRONG_ID:
      answer_with(call, (Span){"\"nobody-sent-this-id\"", 21}, &inventory[kind]);
      return;
    case OUTCOME_CLOSE: {
      size_t before = c->out.end - c->out.start;
      answer_with(call, id, &inventory[kind]);
      c->out.end -= (c->out.end - c->out.start - before) / 2;
      c->closing = true;
      return;
    }
    case OUTCOME_HANG:
    case OUTCOMES:
      return;
  }
}
