#include "near-free.h"

#include <string.h>

static const char *const session_versions[] = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"};

bool known_version(Span version) {
  for (size_t i = 0; i < sizeof session_versions / sizeof *session_versions; i++) {
    if (version.length == 12 && memcmp(version.at + 1, session_versions[i], 10) == 0) return true;
  }
  return false;
}

static const char tools_head[] =
    "{\"tools\":[{\"name\":\"get_inventory\",\"description\":\"The stock of one item\",\"inputSchema\":"
    "{\"type\":\"object\",\"properties\":{\"item_id\":{\"type\":\"string\",\"examples\":[\"ITEM001\"]}},"
    "\"required\":[\"item_id\"]},";
static const char tools_output_schema[] =
    "\"outputSchema\":{\"type\":\"object\",\"properties\":{\"item_id\":{\"type\":\"string\"},\"quantity\":"
    "{\"type\":\"integer\"}},\"required\":[\"item_id\",\"quantity\"]},";
static const char tools_tail[] =
    "\"annotations\":{\"readOnlyHint\":true}},{\"name\":\"echo\",\"description\":\"Says it back\",\"inputSchema\":"
    "{\"type\":\"object\",\"properties\":{\"message\":{\"type\":\"string\"}},\"required\":[\"message\"]},"
    "\"annotations\":{\"readOnlyHint\":true}}]}";

static void list_tools(Connection *c, Request request) {
  Buffer result = {0};
  buffer_text(&result, tools_head);
  if (options.structured) buffer_text(&result, tools_output_schema);
  buffer_add(&result, tools_tail, sizeof tools_tail);
  answer_result(c, request, result.bytes);
  buffer_free(&result);
}

static void call_tool(Connection *c, Request request, Span params) {
  static const char *const param_keys[] = {"name", "arguments"};
  static const char *const argument_keys[] = {"message"};
  Span found[2], message = {"\"\"", 2};
  if (params.length == 0 || !json_members(params, param_keys, found, 2)) {
    answer_error(c, request.id, 200, -32602, "tools/call needs params.name");
    return;
  }
  if (span_is(found[0], "\"get_inventory\"")) {
    take_call(c, request, TOOL_GET_INVENTORY, message);
  } else if (span_is(found[0], "\"echo\"")) {
    Span given;
    if (found[1].length > 0 && json_members(found[1], argument_keys, &given, 1) && given.length > 0 &&
        *given.at == '"')
      message = given;
    take_call(c, request, TOOL_ECHO, message);
  } else {
    answer_error(c, request.id, 200, -32602, "There is no such tool");
  }
}

static void discover(Connection *c, Request request) {
  counts.discovers++;
  answer_result(c, request,
                options.era_session
                    ? "{\"resultType\":\"complete\",\"supportedVersions\":[\"2026-07-28\",\"2025-11-25\",\"2025-06-18\","
                      "\"2025-03-26\",\"2024-11-05\"],\"capabilities\":{\"tools\":{}},\"ttlMs\":60000,"
                      "\"cacheScope\":\"public\",\"serverInfo\":{\"name\":\"near-free\",\"version\":\"1.0.0\"}}"
                    : "{\"resultType\":\"complete\",\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":"
                      "{\"tools\":{}},\"ttlMs\":60000,\"cacheScope\":\"public\",\"serverInfo\":{\"name\":"
                      "\"near-free\",\"version\":\"1.0.0\"}}");
}

static void handle_request(Connection *c, Request request, Span method, Span params) {
  if (request.stateless && !options.era_stateless) {
    answer_error(c, request.id, 400, -32000, "Unsupported protocol version");
  } else if (span_is(method, "\"tools/call\"")) {
    call_tool(c, request, params);
  } else if (span_is(method, "\"tools/list\"")) {
    counts.lists++;
    list_tools(c, request);
  } else if (span_is(method, "\"initialize\"") && options.era_session) {
    static const char *const keys[] = {"protocolVersion"};
    Span version = {0};
    if (params.length > 0) json_members(params, keys, &version, 1);
    counts.initializes++;
    answer_initialize(c, request, version);
  } else if (span_is(method, "\"server/discover\"") && options.era_stateless) {
    discover(c, request);
  } else if (span_is(method, "\"ping\"")) {
    counts.pings++;
    answer_result(c, request, "{}");
  } else if (span_is(method, "\"near-free/stats\"") || span_is(method, "\"dyno/stats\"")) {
    Buffer text = {0};
    stats_write(&text);
    buffer_add(&text, "", 1);
    answer_result(c, request, text.bytes);
    buffer_free(&text);
  } else if (span_is(method, "\"near-free/reset\"") || span_is(method, "\"dyno/reset\"")) {
    stats_reset();
    answer_result(c, request, "{}");
  } else {
    counts.other++;
    answer_error(c, request.id, request.stateless ? 404 : 200, -32601, "Method not found");
  }
}

void handle_message(Connection *c, Span body) {
  static const char *const keys[] = {"id", "method", "params"};
  static const char stateless_mark[] = "io.modelcontextprotocol/protocolVersion";
  Span found[3];
  if (!json_members(body, keys, found, 3)) {
    answer_error(c, (Span){"null", 4}, 400, -32700, "Parse error: one JSON-RPC object is expected");
    return;
  }
  if (found[0].length == 0 || found[1].length == 0) {
    counts.notifications++;
    if (!c->stdio) answer_plain(c, "202 Accepted", NULL, "");
    return;
  }
  Request request = {found[0], found[2].length > 0 && memmem(found[2].at, found[2].length, stateless_mark,
                                                             sizeof stateless_mark - 1) != NULL};
  handle_request(c, request, found[1], found[2]);
}
