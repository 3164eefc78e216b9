#include "near-free.h"

#include <string.h>

static const char *skip_space(const char *p, const char *end) {
  while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) p++;
  return p;
}

/* `p` is on the opening quote; returns the byte after the closing one, or NULL. */
static const char *skip_string(const char *p, const char *end) {
  for (p++; p < end; p++) {
    if (*p == '"') return p + 1;
    if (*p == '\\') p++;
  }
  return NULL;
}

static const char *skip_value(const char *p, const char *end) {
  if (p >= end) return NULL;
  if (*p == '"') return skip_string(p, end);
  if (*p == '{' || *p == '[') {
    int depth = 0;
    while (p < end) {
      switch (*p) {
        case '"':
          p = skip_string(p, end);
          if (p == NULL) return NULL;
          continue;
        case '{':
        case '[':
          depth++;
          break;
        case '}':
        case ']':
          if (--depth == 0) return p + 1;
          break;
        default:
          break;
      }
      p++;
    }
    return NULL;
  }
  const char *start = p;
  while (p < end && *p != ',' && *p != '}' && *p != ']' && *p != ' ' && *p != '\t' && *p != '\n' && *p != '\r') p++;
  return p == start ? NULL : p;
}

bool span_is(Span s, const char *text) {
  size_t length = strlen(text);
  return s.length == length && memcmp(s.at, text, length) == 0;
}

bool json_members(Span text, const char *const *keys, Span *values, int count) {
  for (int i = 0; i < count; i++) values[i] = (Span){0};
  const char *end = text.at + text.length;
  const char *p = skip_space(text.at, end);
  if (p >= end || *p != '{') return false;
  p = skip_space(p + 1, end);
  if (p < end && *p == '}') return skip_space(p + 1, end) == end;
  for (;;) {
    if (p >= end || *p != '"') return false;
    const char *key = p + 1;
    p = skip_string(p, end);
    if (p == NULL) return false;
    Span name = {key, (size_t)(p - 1 - key)};
    p = skip_space(p, end);
    if (p >= end || *p != ':') return false;
    const char *value = skip_space(p + 1, end);
    p = skip_value(value, end);
    if (p == NULL) return false;
    for (int i = 0; i < count; i++) {
      if (span_is(name, keys[i])) values[i] = (Span){value, (size_t)(p - value)};
    }
    p = skip_space(p, end);
    if (p >= end) return false;
    if (*p == '}') return skip_space(p + 1, end) == end;
    if (*p != ',') return false;
    p = skip_space(p + 1, end);
  }
}
