/*
 * The near-free MCP server: a ruler for load generators. One thread, epoll, precomputed answers, and knobs whose truth
 * it counts itself. It shares no code with src/, so that a mistake there cannot hide in both.
 *
 * Times are nanoseconds of CLOCK_MONOTONIC.
 */
#ifndef NEAR_FREE_H
#define NEAR_FREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  const char *at;
  size_t length;
} Span;

typedef struct {
  char *bytes;
  size_t start, end, capacity;
} Buffer;

/* What a call is made to come to. */
typedef enum {
  OUTCOME_OK,
  OUTCOME_HTTP,     /* 500 */
  OUTCOME_THROTTLE, /* 429 with Retry-After */
  OUTCOME_GARBAGE,  /* 200, not JSON */
  OUTCOME_RPC,      /* a JSON-RPC error */
  OUTCOME_TOOL,     /* isError: true */
  OUTCOME_SCHEMA,   /* structuredContent breaks the outputSchema */
  OUTCOME_WRONG_ID, /* an id that nobody sent */
  OUTCOME_CLOSE,    /* half an answer, then the connection is closed */
  OUTCOME_HANG,     /* no answer, ever */
  OUTCOMES
} Outcome;

extern const char *const outcome_names[OUTCOMES];

typedef enum { TOOL_GET_INVENTORY, TOOL_ECHO, TOOLS } Tool;

typedef struct {
  const char *host;
  int port;
  bool stdio, sse, chunked, id_last, structured, session;
  bool era_session, era_stateless;
  uint64_t service_ns, slow_ns;
  uint32_t slow_ppm;
  uint64_t stall_every_ns, stall_for_ns;
  uint32_t slots;
  uint32_t share_ppm[OUTCOMES]; /* OUTCOME_OK has the rest */
  bool made_to_fail;            /* any share but ok's is above zero */
  size_t answer_bytes;          /* the text of get_inventory is padded to this */
  const char *stats_file;
  bool with_parent, exit_with_stdin;
} Options;

extern Options options;

/* Fills `options`; on a wrong value prints one sentence to stderr and exits 104. */
void parse_options(int count, char **words);

/* ---- buffers ---- */
void buffer_reserve(Buffer *b, size_t more);
void buffer_add(Buffer *b, const char *bytes, size_t length);
void buffer_text(Buffer *b, const char *text);
void buffer_format(Buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_free(Buffer *b);

/* ---- JSON, only as much as a message needs ---- */

/*
 * Finds members of the object in `text` by key, at its own level only, in any order, byte-exact; absent ones get length
 * 0. False when the text is no object. Keys written with escapes are not recognised.
 */
bool json_members(Span text, const char *const *keys, Span *values, int count);
bool span_is(Span s, const char *text);

/* ---- connections ---- */
typedef struct Connection {
  int fd, out_fd;
  uint32_t events; /* what epoll watches for */
  bool stdio, closing, gone, read_ended;
  bool close_after_answer; /* the request said so */
  bool busy;               /* HTTP: a call is under way, so later requests wait */
  int calls;               /* calls under way: they keep this alive */
  Buffer in, out;
} Connection;

/* Writes what it can of `out` and watches for the rest. */
void connection_flush(Connection *c);
/* Takes up reading where `busy` had halted it. */
void connection_resume(Connection *c);
void connection_release(Connection *c);

/* Consumes whole requests from `in`. False: the connection is to be closed after what `out` holds. */
bool http_consume(Connection *c);
bool stdio_consume(Connection *c);

/* ---- messages and calls ---- */
typedef struct {
  Span id;
  bool stateless;
} Request;

/* Handles one JSON-RPC message: queues an answer on `c`, now or later. */
void handle_message(Connection *c, Span body);
bool known_version(Span version);

typedef struct Call {
  Connection *connection;
  Request request;
  Tool tool;
  Span message; /* echo's argument, a JSON value */
  Outcome outcome;
  uint64_t arrived, started, due, order;
  struct Call *next;
} Call;

void take_call(Connection *c, Request request, Tool tool, Span message);
/* Answers every call that is due; true when any was. */
bool calls_run(uint64_t now);
/* The earliest moment at which calls_run has something to do; UINT64_MAX for never. */
uint64_t calls_next(void);

/* ---- answers ---- */
void prepare_answers(void);
void answer_call(const Call *call);
void answer_result(Connection *c, Request request, const char *result);
void answer_initialize(Connection *c, Request request, Span version);
void answer_error(Connection *c, Span id, int status, int code, const char *message);
void answer_plain(Connection *c, const char *status_and_headers, const char *type, const char *body);

/* ---- counts ---- */
typedef struct {
  uint64_t calls, outcomes[OUTCOMES], tools[TOOLS];
  uint64_t slow, answered, abandoned, stalls;
  uint64_t initializes, discovers, lists, pings, notifications, other;
  uint64_t sessions_opened, sessions_deleted;
  uint64_t connections_total, connections_open, connections_max;
  uint64_t in_flight, in_flight_max, in_service, in_service_max, waiting_max;
} Counts;

extern Counts counts;

/* Start (a free slot) to answer, and arrival to answer. */
void stats_record(uint64_t service_ns, uint64_t residence_ns);
void stats_reset(void);
void stats_write(Buffer *b);

uint64_t now_ns(void);

#endif
