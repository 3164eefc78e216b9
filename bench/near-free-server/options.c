#include "near-free.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const outcome_names[OUTCOMES] = {"ok",   "http",   "throttle", "garbage", "rpc",
                                             "tool", "schema", "wrong-id", "close",   "hang"};

Options options = {.host = "127.0.0.1", .session = true, .era_session = true, .era_stateless = true};

static const char help[] =
    "near-free: a near-free MCP server that counts what it does\n"
    "  --port N            listen on 127.0.0.1:N; 0 (the default) takes any free port\n"
    "  --host ADDRESS      another IPv4 address to listen on\n"
    "  --stdio             speak newline-delimited JSON-RPC on stdin and stdout instead\n"
    "  --sse               answer as text/event-stream, one event\n"
    "  --chunked           answer in chunks, without Content-Length\n"
    "  --id-last           write result first and id last, as some SDKs do\n"
    "  --answer-bytes N    pad get_inventory's text to N bytes\n"
    "  --structured        get_inventory has an outputSchema and structuredContent\n"
    "  --era E             session, stateless or both (the default)\n"
    "  --no-session        hand out no session id\n"
    "  --service-ms X      each call takes X ms\n"
    "  --slow-share P      this share of the calls (0.02 or 2%) is slow, in a fixed rotation\n"
    "  --slow-ms Y         a slow call takes Y ms\n"
    "  --stall-every S     every S seconds, counted from the start, stand still\n"
    "  --stall-for S       for S seconds\n"
    "  --slots K           serve at most K calls at once; the others wait in order\n"
    "  --outcome-shares L  shares of bad outcomes in a fixed rotation, such as http=1%,rpc=2%; the names are\n"
    "                      http throttle garbage rpc tool schema wrong-id close hang\n"
    "  --stats-file FILE   write the counts there when ending\n"
    "  --with-parent       end when the process that started this one ends\n"
    "  --exit-with-stdin   end when stdin ends\n"
    "As `dyno serve` names them: --service-time 20ms, --slow-time 400ms, --stall 0.5s/2s, --fail (--outcome-shares),\n"
    "--answer json|sse|chunked, --no-sessions; GET /dyno/stats, POST /dyno/reset, dyno/stats and dyno/reset.\n"
    "GET /stats (or the JSON-RPC method near-free/stats) reads the counts, DELETE /stats (near-free/reset) clears them.\n";

static void refuse(const char *format, ...) {
  va_list values;
  va_start(values, format);
  fputs("near-free: ", stderr);
  vfprintf(stderr, format, values);
  fputs("\n", stderr);
  va_end(values);
  exit(104);
}

static double number(const char *name, const char *text, double least, double most) {
  char *end;
  double value = strtod(text, &end);
  if (end == text || *end != 0 || !isfinite(value) || value < least || value > most)
    refuse("Expected %s to be a number from %g to %g, got '%s'", name, least, most, text);
  return value;
}

/* `20ms`, `0.5s`, `200us`; the text ends at `end`. */
static uint64_t duration(const char *name, const char *text, const char *end) {
  char *unit;
  double value = strtod(text, &unit);
  ptrdiff_t length = end - unit;
  double scale = 0;
  if (length == 2 && strncmp(unit, "us", 2) == 0) scale = 1e3;
  else if (length == 2 && strncmp(unit, "ms", 2) == 0) scale = 1e6;
  else if (length == 1 && *unit == 's') scale = 1e9;
  if (unit == text || scale == 0 || !(value >= 0) || value * scale > 3.6e12)
    refuse("Expected %s to be a duration such as 20ms, got '%s'", name, text);
  return (uint64_t)llround(value * scale);
}

static void stall(const char *name, const char *text) {
  const char *slash = strchr(text, '/');
  if (slash == NULL) refuse("Expected %s to be two durations such as 0.5s/2s, got '%s'", name, text);
  options.stall_for_ns = duration(name, text, slash);
  options.stall_every_ns = duration(name, slash + 1, text + strlen(text));
}

static void answer_form(const char *name, const char *text) {
  options.sse = strcmp(text, "sse") == 0;
  options.chunked = strcmp(text, "chunked") == 0;
  if (!options.sse && !options.chunked && strcmp(text, "json") != 0)
    refuse("Expected %s to be json, sse or chunked, got '%s'", name, text);
}

static uint32_t share(const char *name, const char *text) {
  char copy[64];
  size_t length = strlen(text);
  if (length == 0 || length >= sizeof copy) refuse("Expected %s to be a share such as 2%% or 0.02, got '%s'", name, text);
  memcpy(copy, text, length + 1);
  double scale = 1;
  if (copy[length - 1] == '%') {
    copy[length - 1] = 0;
    scale = 0.01;
  }
  return (uint32_t)lround(number(name, copy, 0, 1 / scale) * scale * 1e6);
}

static void outcome_shares(const char *list) {
  char *copy = strdup(list);
  uint32_t sum = 0;
  for (char *rest = copy, *item; (item = strsep(&rest, ",")) != NULL;) {
    char *equals = strchr(item, '=');
    if (equals == NULL) refuse("Expected --outcome-shares to be a list such as http=1%%,rpc=2%%, got '%s'", list);
    *equals = 0;
    int outcome = 1;
    while (outcome < OUTCOMES && strcmp(item, outcome_names[outcome]) != 0) outcome++;
    if (outcome == OUTCOMES) refuse("--outcome-shares has no outcome '%s'; see --help", item);
    options.share_ppm[outcome] = share("--outcome-shares", equals + 1);
    sum += options.share_ppm[outcome];
  }
  free(copy);
  if (sum > 1000000) refuse("Expected --outcome-shares to add up to at most 100%%, got '%s'", list);
  options.share_ppm[OUTCOME_OK] = 1000000 - sum;
  options.made_to_fail = sum > 0;
}

static void check_combination(void) {
  if ((options.stall_every_ns == 0) != (options.stall_for_ns == 0))
    refuse("--stall-every and --stall-for need each other");
  if (options.stall_for_ns > 0 && options.stall_for_ns >= options.stall_every_ns)
    refuse("Expected --stall-for to be shorter than --stall-every");
  if ((options.slow_ppm == 0) != (options.slow_ns == 0)) refuse("--slow-share and --slow-ms need each other");
  if (options.share_ppm[OUTCOME_SCHEMA] > 0) options.structured = true;
  if (!options.stdio) return;
  const Outcome on_http_only[] = {OUTCOME_HTTP, OUTCOME_THROTTLE, OUTCOME_CLOSE};
  for (size_t i = 0; i < sizeof on_http_only / sizeof *on_http_only; i++) {
    if (options.share_ppm[on_http_only[i]] > 0)
      refuse("The outcome '%s' does not exist on stdio", outcome_names[on_http_only[i]]);
  }
  if (options.sse || options.chunked) refuse("--sse and --chunked do not exist on stdio");
}

void parse_options(int count, char **words) {
  for (int i = 1; i < count; i++) {
    const char *name = words[i];
    if (strcmp(name, "--help") == 0) {
      fputs(help, stdout);
      exit(0);
    }
    struct {
      const char *name;
      bool *flag;
      bool value;
    } flags[] = {{"--stdio", &options.stdio, true},           {"--sse", &options.sse, true},
                 {"--chunked", &options.chunked, true},       {"--id-last", &options.id_last, true},
                 {"--structured", &options.structured, true}, {"--no-session", &options.session, false},
                 {"--with-parent", &options.with_parent, true},
                 {"--no-sessions", &options.session, false},
                 {"--exit-with-stdin", &options.exit_with_stdin, true}};
    bool found = false;
    for (size_t f = 0; f < sizeof flags / sizeof *flags && !found; f++) {
      if (strcmp(name, flags[f].name) != 0) continue;
      *flags[f].flag = flags[f].value;
      found = true;
    }
    if (found) continue;
    const char *value = i + 1 < count ? words[i + 1] : NULL;
#define WITH_VALUE(option) (strcmp(name, option) == 0 && (value != NULL || (refuse("%s needs a value", name), false)))
    if (WITH_VALUE("--port")) options.port = (int)number(name, value, 0, 65535);
    else if (WITH_VALUE("--host")) options.host = value;
    else if (WITH_VALUE("--answer-bytes")) options.answer_bytes = (size_t)number(name, value, 0, 1e8);
    else if (WITH_VALUE("--service-ms")) options.service_ns = (uint64_t)llround(number(name, value, 0, 3.6e6) * 1e6);
    else if (WITH_VALUE("--slow-share")) options.slow_ppm = share(name, value);
    else if (WITH_VALUE("--slow-ms")) options.slow_ns = (uint64_t)llround(number(name, value, 0, 3.6e6) * 1e6);
    else if (WITH_VALUE("--stall-every")) options.stall_every_ns = (uint64_t)llround(number(name, value, 0, 3600) * 1e9);
    else if (WITH_VALUE("--stall-for")) options.stall_for_ns = (uint64_t)llround(number(name, value, 0, 3600) * 1e9);
    else if (WITH_VALUE("--slots")) options.slots = (uint32_t)number(name, value, 1, 1e6);
    else if (WITH_VALUE("--outcome-shares")) outcome_shares(value);
    else if (WITH_VALUE("--fail")) outcome_shares(value);
    else if (WITH_VALUE("--service-time")) options.service_ns = duration(name, value, value + strlen(value));
    else if (WITH_VALUE("--slow-time")) options.slow_ns = duration(name, value, value + strlen(value));
    else if (WITH_VALUE("--stall")) stall(name, value);
    else if (WITH_VALUE("--answer")) answer_form(name, value);
    else if (WITH_VALUE("--stats-file")) options.stats_file = value;
    else if (WITH_VALUE("--era")) {
      options.era_session = strcmp(value, "stateless") != 0;
      options.era_stateless = strcmp(value, "session") != 0;
      if (strcmp(value, "both") != 0 && options.era_session == options.era_stateless)
        refuse("Expected --era to be session, stateless or both, got '%s'", value);
    } else refuse("There is no option '%s'; see --help", name);
    i++;
  }
  check_combination();
}
