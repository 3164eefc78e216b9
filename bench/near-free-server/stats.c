#include "near-free.h"

#include <math.h>
#include <string.h>

/* Bins of 0.1 ms up to 10 s; the last one takes the rest. */
#define BIN_NS 100000
#define BINS 100001

typedef struct {
  uint64_t count, sum, least, most;
  uint32_t bins[BINS];
} Histogram;

Counts counts;
static Histogram service, residence;

static void record(Histogram *h, uint64_t ns) {
  uint64_t bin = ns / BIN_NS;
  if (h->count++ == 0 || ns < h->least) h->least = ns;
  if (ns > h->most) h->most = ns;
  h->sum += ns;
  h->bins[bin < BINS ? bin : BINS - 1]++;
}

void stats_record(uint64_t service_ns, uint64_t residence_ns) {
  record(&service, service_ns);
  record(&residence, residence_ns);
}

void stats_reset(void) {
  Counts kept = {.connections_open = counts.connections_open, .in_flight = counts.in_flight,
                 .in_service = counts.in_service};
  counts = kept;
  memset(&service, 0, sizeof service);
  memset(&residence, 0, sizeof residence);
}

/* The middle of the bin that holds the nearest rank, in ms. */
static double quantile(const Histogram *h, double q) {
  uint64_t rank = (uint64_t)ceil(q * (double)h->count), seen = 0;
  for (size_t i = 0; i < BINS; i++) {
    seen += h->bins[i];
    if (h->bins[i] > 0 && seen >= rank) return ((double)i + 0.5) * BIN_NS / 1e6;
  }
  return 0;
}

static void write_histogram(Buffer *b, const char *name, const Histogram *h) {
  buffer_format(b, "\"%s\":{\"count\":%llu,\"sumMs\":%.6f,\"minMs\":%.6f,\"maxMs\":%.6f,", name,
                (unsigned long long)h->count, (double)h->sum / 1e6, (double)h->least / 1e6, (double)h->most / 1e6);
  buffer_format(b, "\"p50Ms\":%.2f,\"p90Ms\":%.2f,\"p95Ms\":%.2f,\"p99Ms\":%.2f,\"binMs\":0.1,\"bins\":[",
                quantile(h, 0.5), quantile(h, 0.9), quantile(h, 0.95), quantile(h, 0.99));
  bool first = true;
  for (size_t i = 0; i < BINS; i++) {
    if (h->bins[i] == 0) continue;
    buffer_format(b, "%s[%zu,%u]", first ? "" : ",", i, h->bins[i]);
    first = false;
  }
  buffer_text(b, "]}");
}

static void write_count(Buffer *b, const char *name, uint64_t value) {
  buffer_format(b, "\"%s\":%llu,", name, (unsigned long long)value);
}

void stats_write(Buffer *b) {
  static const char *const tool_names[TOOLS] = {"get_inventory", "echo"};
  buffer_text(b, "{\"server\":\"near-free\",");
  write_count(b, "calls", counts.calls);
  write_count(b, "answered", counts.answered);
  write_count(b, "abandoned", counts.abandoned);
  write_count(b, "slow", counts.slow);
  write_count(b, "stalls", counts.stalls);
  buffer_text(b, "\"outcomes\":{");
  for (int i = 0; i < OUTCOMES; i++)
    buffer_format(b, "%s\"%s\":%llu", i > 0 ? "," : "", outcome_names[i], (unsigned long long)counts.outcomes[i]);
  buffer_text(b, "},\"tools\":{");
  for (int i = 0; i < TOOLS; i++)
    buffer_format(b, "%s\"%s\":%llu", i > 0 ? "," : "", tool_names[i], (unsigned long long)counts.tools[i]);
  buffer_text(b, "},\"messages\":{");
  write_count(b, "initialize", counts.initializes);
  write_count(b, "discover", counts.discovers);
  write_count(b, "list", counts.lists);
  write_count(b, "ping", counts.pings);
  write_count(b, "notification", counts.notifications);
  buffer_format(b, "\"other\":%llu},", (unsigned long long)counts.other);
  buffer_format(b, "\"sessions\":{\"opened\":%llu,\"ended\":%llu},", (unsigned long long)counts.sessions_opened,
                (unsigned long long)counts.sessions_deleted);
  buffer_format(b, "\"connections\":{\"total\":%llu,\"open\":%llu,\"max\":%llu},",
                (unsigned long long)counts.connections_total, (unsigned long long)counts.connections_open,
                (unsigned long long)counts.connections_max);
  buffer_format(b, "\"concurrency\":{\"inFlight\":%llu,\"inFlightMax\":%llu,\"inServiceMax\":%llu,\"waitingMax\":%llu},",
                (unsigned long long)counts.in_flight, (unsigned long long)counts.in_flight_max,
                (unsigned long long)counts.in_service_max, (unsigned long long)counts.waiting_max);
  write_histogram(b, "service", &service);
  buffer_text(b, ",");
  write_histogram(b, "residence", &residence);
  buffer_text(b, "}");
}
