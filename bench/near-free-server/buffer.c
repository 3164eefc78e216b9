#include "near-free.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_reserve(Buffer *b, size_t more) {
  if (b->end + more <= b->capacity) return;
  if (b->start > 0) {
    memmove(b->bytes, b->bytes + b->start, b->end - b->start);
    b->end -= b->start;
    b->start = 0;
    if (b->end + more <= b->capacity) return;
  }
  size_t capacity = b->capacity == 0 ? 8192 : b->capacity;
  while (capacity < b->end + more) capacity *= 2;
  b->bytes = realloc(b->bytes, capacity);
  if (b->bytes == NULL) {
    fputs("near-free: out of memory\n", stderr);
    exit(1);
  }
  b->capacity = capacity;
}

void buffer_add(Buffer *b, const char *bytes, size_t length) {
  buffer_reserve(b, length);
  memcpy(b->bytes + b->end, bytes, length);
  b->end += length;
}

void buffer_text(Buffer *b, const char *text) {
  buffer_add(b, text, strlen(text));
}

void buffer_format(Buffer *b, const char *format, ...) {
  char text[2048];
  va_list values;
  va_start(values, format);
  int length = vsnprintf(text, sizeof text, format, values);
  va_end(values);
  buffer_add(b, text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
}

void buffer_free(Buffer *b) {
  free(b->bytes);
  *b = (Buffer){0};
}
