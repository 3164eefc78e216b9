#include "near-free.h"

#include <stdlib.h>
#include <string.h>

/*
 * A slot's next call is due as if it had started when the last was due, unless this server was later than that by more
 * than this: lateness does not add up. Counted is from when the slot was really free, so that counts do not overlap.
 */
#define LATENESS_NS 1000000

static Call **heap;
static size_t heap_size, heap_capacity;
static Call *waiting_first, *waiting_last;
static uint64_t waiting, order;
static int64_t outcome_credit[OUTCOMES];
static uint32_t slow_credit;

static bool before(const Call *a, const Call *b) {
  return a->due < b->due || (a->due == b->due && a->order < b->order);
}

static void heap_push(Call *call) {
  if (heap_size == heap_capacity) {
    heap_capacity = heap_capacity == 0 ? 256 : heap_capacity * 2;
    heap = realloc(heap, heap_capacity * sizeof *heap);
    if (heap == NULL) abort();
  }
  size_t at = heap_size++;
  while (at > 0 && before(call, heap[(at - 1) / 2])) {
    heap[at] = heap[(at - 1) / 2];
    at = (at - 1) / 2;
  }
  heap[at] = call;
}

static Call *heap_pop(void) {
  Call *first = heap[0], *last = heap[--heap_size];
  size_t at = 0;
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= heap_size) break;
    if (child + 1 < heap_size && before(heap[child + 1], heap[child])) child++;
    if (!before(heap[child], last)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = last;
  return first;
}

/* Smooth weighted rotation: after every full period each outcome has occurred exactly as often as its share says. */
static Outcome next_outcome(void) {
  if (!options.made_to_fail) return OUTCOME_OK;
  int best = 0;
  for (int i = 0; i < OUTCOMES; i++) {
    outcome_credit[i] += options.share_ppm[i];
    if (outcome_credit[i] > outcome_credit[best]) best = i;
  }
  outcome_credit[best] -= 1000000;
  return (Outcome)best;
}

static bool next_slow(void) {
  slow_credit += options.slow_ppm;
  if (slow_credit < 1000000) return false;
  slow_credit -= 1000000;
  return true;
}

static void start(Call *call, uint64_t from, uint64_t free_at) {
  call->started = free_at;
  call->due += from;
  counts.in_service++;
  if (counts.in_service > counts.in_service_max) counts.in_service_max = counts.in_service;
  heap_push(call);
}

static void finish(Call *call, uint64_t now) {
  Connection *c = call->connection;
  if (c->gone) {
    counts.abandoned++;
  } else {
    answer_call(call);
    counts.answered++;
    stats_record(now - call->started, now - call->arrived);
  }
  counts.in_flight--;
}

static Span keep(Span s) {
  char *copy = malloc(s.length + 1);
  if (copy == NULL) abort();
  memcpy(copy, s.at, s.length);
  return (Span){copy, s.length};
}

void take_call(Connection *c, Request request, Tool tool, Span message) {
  Call call = {.connection = c, .request = request, .tool = tool, .message = message, .outcome = next_outcome()};
  bool slow = options.slow_ppm > 0 && next_slow();
  uint64_t service = slow ? options.slow_ns : options.service_ns;
  counts.calls++;
  counts.tools[tool]++;
  counts.outcomes[call.outcome]++;
  if (slow) counts.slow++;
  if (call.outcome == OUTCOME_HANG) {
    c->busy = !c->stdio;
    return;
  }
  if (++counts.in_flight > counts.in_flight_max) counts.in_flight_max = counts.in_flight;
  call.arrived = now_ns();
  if (service == 0 && (options.slots == 0 || counts.in_service < options.slots)) {
    call.started = call.arrived;
    finish(&call, now_ns());
    return;
  }
  Call *kept = malloc(sizeof *kept);
  if (kept == NULL) abort();
  *kept = call;
  kept->request.id = keep(request.id);
  kept->message = keep(message);
  kept->due = service;
  kept->order = order++;
  c->calls++;
  c->busy = !c->stdio;
  if (options.slots == 0 || counts.in_service < options.slots) {
    start(kept, kept->arrived, kept->arrived);
    return;
  }
  if (waiting_last == NULL) waiting_first = kept;
  else waiting_last->next = kept;
  waiting_last = kept;
  if (++waiting > counts.waiting_max) counts.waiting_max = waiting;
}

bool calls_run(uint64_t now) {
  bool any = false;
  while (heap_size > 0 && heap[0]->due <= now) {
    Call *call = heap_pop();
    Connection *c = call->connection;
    any = true;
    uint64_t ended = now_ns();
    finish(call, ended);
    counts.in_service--;
    c->calls--;
    c->busy = false;
    Call *next = waiting_first;
    if (next != NULL) {
      waiting_first = next->next;
      if (waiting_first == NULL) waiting_last = NULL;
      waiting--;
      uint64_t from = call->due + LATENESS_NS < ended ? ended : call->due;
      start(next, from > next->arrived ? from : next->arrived, ended);
    }
    free((char *)call->request.id.at);
    free((char *)call->message.at);
    free(call);
    if (c->gone) connection_release(c);
    else connection_resume(c);
  }
  return any;
}

uint64_t calls_next(void) {
  return heap_size == 0 ? UINT64_MAX : heap[0]->due;
}
