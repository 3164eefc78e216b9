#include "near-free.h"

#include <string.h>

#define MAX_LINE (64 * 1024 * 1024)

bool stdio_consume(Connection *c) {
  Buffer *in = &c->in;
  for (;;) {
    const char *line = in->bytes + in->start;
    size_t length = in->end - in->start;
    const char *end = length == 0 ? NULL : memchr(line, '\n', length);
    if (end == NULL) return length <= MAX_LINE;
    in->start += (size_t)(end - line) + 1;
    if (end > line) handle_message(c, (Span){line, (size_t)(end - line)});
    if (in->start == in->end) in->start = in->end = 0;
  }
}
