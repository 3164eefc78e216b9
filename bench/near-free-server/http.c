#include "near-free.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_HEAD (64 * 1024)
#define MAX_BODY (64 * 1024 * 1024)

typedef struct {
  size_t content_length;
  bool chunked, close;
} Head;

static bool header_is(const char *line, size_t length, const char *name, size_t name_length) {
  return length > name_length && strncasecmp(line, name, name_length) == 0;
}
#define HEADER_IS(name) header_is(line, length, name, sizeof name - 1)

static Head read_head(const char *line, const char *end) {
  Head head = {0};
  while (line < end) {
    const char *next = memchr(line, '\r', (size_t)(end - line));
    if (next == NULL) next = end;
    size_t length = (size_t)(next - line);
    switch (*line | 0x20) {
      case 'c':
        if (HEADER_IS("content-length:")) head.content_length = strtoull(line + 15, NULL, 10);
        else if (HEADER_IS("connection:")) head.close = memmem(line, length, "close", 5) != NULL;
        break;
      case 't':
        if (HEADER_IS("transfer-encoding:")) head.chunked = true;
        break;
      default:
        break;
    }
    line = next + 2;
  }
  return head;
}

static bool refuse(Connection *c, const char *status) {
  c->close_after_answer = true;
  answer_plain(c, status, "text/plain", "");
  return false;
}

static void answer_stats(Connection *c) {
  Buffer text = {0};
  stats_write(&text);
  buffer_add(&text, "\n", 2);
  answer_plain(c, "200 OK", "application/json", text.bytes);
  buffer_free(&text);
}

static bool begins_with(const char *head, size_t length, const char *text) {
  size_t wanted = strlen(text);
  return length > wanted && memcmp(head, text, wanted) == 0;
}

static void handle_other_method(Connection *c, const char *head, size_t length) {
  bool delete = begins_with(head, length, "DELETE ");
  bool read = begins_with(head, length, "GET /stats ") || begins_with(head, length, "GET /dyno/stats ");
  if (read) {
    answer_stats(c);
  } else if (begins_with(head, length, "DELETE /stats ")) {
    stats_reset();
    answer_plain(c, "200 OK", "application/json", "{}");
  } else if (delete) {
    counts.sessions_deleted++;
    answer_plain(c, "200 OK", NULL, "");
  } else {
    answer_plain(c, "405 Method Not Allowed\r\nAllow: POST, DELETE", "text/plain", "Only POST and DELETE\n");
  }
}

bool http_consume(Connection *c) {
  while (!c->busy && !c->closing) {
    Buffer *in = &c->in;
    const char *head = in->bytes + in->start;
    size_t length = in->end - in->start;
    const char *end = length == 0 ? NULL : memmem(head, length, "\r\n\r\n", 4);
    if (end == NULL) return length > MAX_HEAD ? refuse(c, "431 Request Header Fields Too Large") : true;
    const char *first_line_end = memchr(head, '\r', (size_t)(end - head) + 1);
    Head parsed = {0};
    if (first_line_end < end) parsed = read_head(first_line_end + 2, end);
    if (parsed.chunked) return refuse(c, "411 Length Required");
    if (parsed.content_length > MAX_BODY) return refuse(c, "413 Content Too Large");
    size_t head_length = (size_t)(end - head) + 4;
    if (length < head_length + parsed.content_length) return true;
    in->start += head_length + parsed.content_length;
    c->close_after_answer = parsed.close;
    if (begins_with(head, length, "POST /dyno/reset ")) {
      stats_reset();
      answer_plain(c, "200 OK", "application/json", "{}");
    } else if (begins_with(head, length, "POST "))
      handle_message(c, (Span){head + head_length, parsed.content_length});
    else handle_other_method(c, head, head_length);
    if (in->start == in->end) in->start = in->end = 0;
  }
  return !c->closing;
}
